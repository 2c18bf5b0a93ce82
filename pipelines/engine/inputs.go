package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/files"
	"adtoorder/io/unbounded"
	"adtoorder/pipelines/command"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	// The kinds of unbounded sources, which register their schemes.
	_ "adtoorder/io/unbounded/folder"
	_ "adtoorder/io/unbounded/kafka"
	_ "adtoorder/io/unbounded/kinesis"
	_ "adtoorder/io/unbounded/pubsub"
)

// Input is what a stream is read from.
type Input struct {
	Files     []files.File // finished
	Unbounded []unbounded.Source
}

// stream is one of both inputs.
type stream struct {
	name string
	Input
}

func (o Options) streams() []stream {
	return []stream{{ledger.Clicks, o.Clicks}, {ledger.Orders, o.Orders}}
}

// Live reports whether the run has an unbounded source.
func (o Options) Live() bool { return len(o.Clicks.Unbounded)+len(o.Orders.Unbounded) > 0 }

// subscriptions returns the sources of both streams that give again what is not
// acknowledged.
func (o Options) subscriptions() (all []unbounded.Subscription) {
	for _, source := range slices.Concat(o.Clicks.Unbounded, o.Orders.Unbounded) {
		if s, ok := source.(unbounded.Subscription); ok {
			all = append(all, s)
		}
	}
	return all
}

// Acknowledges reports whether the run has a source that gives again what is not
// acknowledged.
func (o Options) Acknowledges() bool { return len(o.subscriptions()) > 0 }

// parseInput reads a flag's values: URIs of unbounded sources, and files.
func parseInput(ctx context.Context, flag string, values []string) (in Input, err error) {
	var patterns, shown []string
	for _, value := range values {
		if !unbounded.Is(value) {
			patterns, shown = append(patterns, value), append(shown, files.Shown(value))
			continue
		}
		source, err := unbounded.Open(value)
		if err != nil {
			return in, command.Refuse(flag, endpoint.Hide(value), err.Error())
		}
		in.Unbounded = append(in.Unbounded, source)
	}
	if len(patterns) == 0 && len(values) > 0 {
		return in, nil
	}
	if in.Files, err = files.Match(ctx, patterns); errors.Is(err, files.ErrUnreadable) {
		return in, command.Refuse(flag, strings.Join(shown, ","), err.Error())
	}
	if err != nil {
		return in, command.Refuse(flag, strings.Join(shown, ","), fmt.Sprintf(
			"%v; give a file, a glob that matches some, or the URI of a live source (%s)",
			err, strings.Join(unbounded.Schemes(), ", ")))
	}
	return in, nil
}

// distinct refuses unbounded sources that are given twice: readers of one would move
// each other back.
func (o Options) distinct() error {
	read := map[string]string{} // names of streams, by source
	for _, in := range o.streams() {
		for _, s := range in.Unbounded {
			switch before, again := read[s.String()]; {
			case again && before == in.name:
				return command.Refuse(in.name, s.String(), "is given twice; give it once")
			case again:
				return command.Refuse(in.name, s.String(), fmt.Sprintf(
					"is also given to --%s; clicks and orders need separate sources", before))
			}
			read[s.String()] = in.name
		}
	}
	return nil
}

// checkTimeout is how long a source may take to answer before a run begins.
const checkTimeout = 8 * time.Second

// check reports which of a stream's unbounded sources can't be read, if one can't.
func (in stream) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	for _, s := range in.Unbounded {
		if err := s.Check(ctx); err != nil {
			return command.Refuse(in.name, s.String(), "can't be read: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		}
	}
	return nil
}

// reading is what a stream's sources give.
type reading struct {
	records  beam.PCollection   // PCollection<[]record.Record>
	counts   beam.PCollection   // PCollection<record.Count>
	progress []beam.PCollection // PCollection<table.Batch[ProgressRow]>, one an unbounded source
}

// read reads all sources of a stream. Unbounded ones begin at a broker time, in
// milliseconds since the Unix epoch.
func read(s beam.Scope, o Options, in stream, startMillis int64) reading {
	s = s.Scope(in.name)
	var records, counts []beam.PCollection
	var r reading
	if len(in.Files) > 0 || len(in.Unbounded) == 0 { // a stretch may have no file of a stream
		readFiles := files.Read
		if o.Runner == Flink && !o.Live() {
			readFiles = files.ReadSpread
		}
		read, counted := readFiles(s, in.Files)
		if o.stretch.until > 0 {
			counted = beam.CreateList(s, o.stretch.counts(in.name))
		}
		records, counts = append(records, read), append(counts, counted)
	}
	for _, source := range in.Unbounded {
		s := s.Scope(stepName(source))
		out := unbounded.Read(s, source, unbounded.Config{
			StartMillis: startMillis, OutOfOrderness: o.OutOfOrderness, Readers: o.Readers})
		records, counts = append(records, out.Records), append(counts, out.Counts)
		r.progress = append(r.progress,
			beam.ParDo(s, &progressFn{Stream: in.name, Source: source.String()}, out.Progress))
	}
	r.records = beam.Flatten(s.Scope("Records"), records...)
	r.counts = beam.Flatten(s.Scope("Counts"), counts...)
	return r
}

// stepName names the step that reads a source after the source, so that a job
// that is updated never goes on in one source at the positions of another.
func stepName(s unbounded.Source) string {
	return strings.NewReplacer("://", " ", "/", " ").Replace(s.String()) // Beam cuts a name at its slashes
}
