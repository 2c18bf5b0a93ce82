package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/files"
	"adtoorder/io/unbounded"
	"adtoorder/io/unbounded/folder"
	"adtoorder/io/unbounded/kafka"
	"adtoorder/io/unbounded/kinesis"
	"adtoorder/io/unbounded/pubsub"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Input is what a stream is read from.
type Input struct {
	Files   []files.File // finished
	Kafka   []kafka.Source
	Kinesis []kinesis.Source
	PubSub  []pubsub.Source
	Watch   []folder.Source
}

// live returns the sources without end.
func (in Input) live() (all []unbounded.Source) {
	for _, s := range in.Kafka {
		all = append(all, s)
	}
	for _, s := range in.Kinesis {
		all = append(all, s)
	}
	for _, s := range in.PubSub {
		all = append(all, s)
	}
	for _, s := range in.Watch {
		all = append(all, s)
	}
	return all
}

// from has the live sources begin at a broker time, in milliseconds since the
// Unix epoch. Subscriptions begin where they are.
func (in *Input) from(start int64) {
	for i := range in.Kafka {
		in.Kafka[i].StartMillis = start
	}
	for i := range in.Kinesis {
		in.Kinesis[i].StartMillis = start
	}
	for i := range in.Watch {
		in.Watch[i].StartMillis = start
	}
}

// parseInput reads a flag's values: URIs of live sources, and files.
func parseInput(ctx context.Context, flag string, values []string) (in Input, err error) {
	var patterns []string
	for _, value := range values {
		switch {
		case strings.HasPrefix(value, "kafka:"):
			err = add(&in.Kafka, value, kafka.Parse)
		case strings.HasPrefix(value, "kinesis:"):
			err = add(&in.Kinesis, value, kinesis.Parse)
		case strings.HasPrefix(value, "pubsub:"):
			err = add(&in.PubSub, value, pubsub.Parse)
		case strings.HasPrefix(value, "watch:"):
			err = add(&in.Watch, value, folder.Parse)
		default:
			patterns = append(patterns, value)
		}
		if err != nil {
			return in, &FlagError{flag, endpoint.Hide(value), err.Error()}
		}
	}
	if len(patterns) == 0 && len(values) > 0 {
		return in, nil
	}
	if in.Files, err = files.Match(ctx, patterns); err != nil {
		return in, &FlagError{flag, strings.Join(patterns, ","), err.Error() + "; want a file or a glob that matches some, or a watch:, kafka://, kinesis:// or pubsub:// URI"}
	}
	return in, nil
}

func add[S any](to *[]S, uri string, parse func(string) (S, error)) error {
	s, err := parse(uri)
	*to = append(*to, s)
	return err
}

// distinct refuses live sources that are given twice: readers of one would move
// each other back.
func (o Options) distinct() error {
	read := map[string]string{} // names of streams, by source
	for _, in := range o.streams() {
		for _, s := range in.live() {
			switch before, again := read[s.String()]; {
			case again && before == in.name:
				return &FlagError{in.name, s.String(), "is given twice; give it once"}
			case again:
				return &FlagError{in.name, s.String(), fmt.Sprintf("is given to --%s, too; want a source of their own for clicks and for orders", before)}
			}
			read[s.String()] = in.name
		}
	}
	return nil
}

// patience is how long a source may take to answer before a run begins.
const patience = 8 * time.Second

// check tells whether live sources can be read.
func (in Input) check(ctx context.Context, flag string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, s := range in.live() {
		if err := s.(interface{ Check(context.Context) error }).Check(ctx); err != nil {
			return &FlagError{flag, s.String(), fmt.Sprintf("can't be read: %s", strings.ReplaceAll(err.Error(), "\n", "; "))}
		}
	}
	return nil
}

// stream is one of both inputs.
type stream struct {
	name string
	Input
}

func (o Options) streams() []stream {
	return []stream{{ledger.Clicks, o.Clicks}, {ledger.Orders, o.Orders}}
}

// Live tells whether the run has a source without end.
func (o Options) Live() bool { return len(o.Clicks.live())+len(o.Orders.live()) > 0 }

// subscriptions returns the Pub/Sub sources of both streams.
func (o Options) subscriptions() []pubsub.Source {
	return slices.Concat(o.Clicks.PubSub, o.Orders.PubSub)
}

// Acknowledges tells whether the run has a source that gives again what is not
// acknowledged.
func (o Options) Acknowledges() bool { return len(o.subscriptions()) > 0 }

// reading is what a stream's sources give.
type reading struct {
	records  beam.PCollection   // PCollection<[]record.Record>
	counts   beam.PCollection   // PCollection<record.Count>
	progress []beam.PCollection // PCollection<ProgressRow>, one a live source
}

// read reads all sources of a stream.
func read(s beam.Scope, o Options, in stream) reading {
	s = s.Scope(in.name)
	var records, counts []beam.PCollection
	var r reading
	if len(in.Files) > 0 {
		read, counted := files.Read(s, in.Files)
		records, counts = append(records, read), append(counts, counted)
	}
	take := func(s beam.Scope, source unbounded.Source, read, counted, reports beam.PCollection) {
		records, counts = append(records, read), append(counts, counted)
		r.progress = append(r.progress, beam.ParDo(s, &progressFn{Stream: in.name, Source: source.String()}, reports))
	}
	for _, source := range in.Kafka {
		s := s.Scope(stepName(source))
		read, counted, reports := unbounded.Read(s, source, o.OutOfOrderness, o.Readers)
		take(s, source, read, counted, reports)
	}
	for _, source := range in.Kinesis {
		s := s.Scope(stepName(source))
		read, counted, reports := unbounded.Read(s, source, o.OutOfOrderness, o.Readers)
		take(s, source, read, counted, reports)
	}
	// Subscriptions and folders have one partition, and so one reader.
	for _, source := range in.PubSub {
		s := s.Scope(stepName(source))
		read, counted, reports := unbounded.ReadAcknowledged(s, source, o.OutOfOrderness, 1)
		take(s, source, read, counted, reports)
	}
	for _, source := range in.Watch {
		s := s.Scope(stepName(source))
		read, counted, reports := unbounded.Read(s, source, o.OutOfOrderness, 1)
		take(s, source, read, counted, reports)
	}
	r.records, r.counts = beam.Flatten(s.Scope("Records"), records...), beam.Flatten(s.Scope("Counts"), counts...)
	return r
}

// stepName names the step that reads a source after the source, so that a job
// that is updated never goes on in one source at the positions of another.
func stepName(s unbounded.Source) string {
	return strings.NewReplacer("://", " ", "/", " ").Replace(s.String()) // Beam cuts a name at its slashes
}
