package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/lake"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.Function2x0(placesOf)
	register.Emitter2[string, []ledger.Place]()
	register.Iter1[[]ledger.Place]()
	dofn.Batchwise(&notePlacesFn{})
}

// notePlaces notes in the lake, for the process that has begun the run, where the records
// of each finished file are accounted for: PCollection<[]ledger.Row> ->
// PCollection<string>, the note's name.
func notePlaces(s beam.Scope, o Options, booked beam.PCollection) beam.PCollection {
	s = s.Scope("Places")
	places := beam.WindowInto(s, window.NewGlobalWindows(), beam.ParDo(s, placesOf, booked))
	noted := beam.ParDo(s, &notePlacesFn{Lake: o.Lake, Note: fmt.Sprint(o.stretch.from)}, beam.GroupByKey(s, places))
	return o.Windows().IntoPartitions(s.Scope("Noted"), noted, 0)
}

// placesOf emits what a partition's rows say of places, all under one key.
func placesOf(rows []ledger.Row, emit func(string, []ledger.Place)) {
	var places []ledger.Place
	for _, r := range rows {
		if p, ok := r.Place(); ok {
			places = append(places, p)
		}
	}
	if len(places) > 0 {
		emit("", places)
	}
}

// notePlacesFn is KV<"", []ledger.Place...> -> string, in 1970 as if it were of a partition.
type notePlacesFn struct {
	Lake    lake.Lake
	Note    string
	storage *storage.Storage
}

// Setup has the storage ready.
func (fn *notePlacesFn) Setup() { fn.storage = new(storage.Storage) }

// ProcessElement writes the note.
func (fn *notePlacesFn) ProcessElement(
	ctx context.Context, _ string, places func(*[]ledger.Place) bool,
) (beam.EventTime, string, error) {
	var all, some []ledger.Place
	for places(&some) {
		all = append(all, some...)
		some = nil
	}
	content, err := json.Marshal(all)
	if err != nil {
		return 0, "", err
	}
	return 0, fn.Note, fn.Lake.Note(ctx, fn.storage, fn.Note, content)
}

// Teardown closes the storage, if Setup has made it.
func (fn *notePlacesFn) Teardown() error {
	if fn.storage == nil {
		return nil
	}
	return fn.storage.Close()
}

// noted returns what the run's notes say of files, and removes them.
func (r *run) noted(ctx context.Context) (placed, error) {
	notes, err := r.Lake.TakeNotes(ctx)
	found := placed{}
	for _, note := range notes {
		var places []ledger.Place
		if err := json.Unmarshal(note, &places); err != nil {
			return nil, fmt.Errorf("reading where records of files are: %w", err)
		}
		found.add(places)
	}
	return found, err
}

// placed is where the records of files are accounted for.
type placed map[fileName]*places

// fileName names a file of a stream.
type fileName struct{ stream, path string }

// places are numbers of records of a file.
type places struct {
	partitions map[int64]int64  // by the start of the partition, ms since the Unix epoch
	undated    map[string]int64 // by why they are malformed
}

// of returns the places of a file.
func (p placed) of(name fileName) *places {
	if p[name] == nil {
		p[name] = &places{map[int64]int64{}, map[string]int64{}}
	}
	return p[name]
}

func (p placed) add(all []ledger.Place) {
	for _, one := range all {
		in := p.of(fileName{one.Stream, one.Source})
		if one.Undated != "" {
			in.undated[one.Undated] += one.Records
		} else {
			in.partitions[one.Partition] += one.Records
		}
	}
}

// found returns the places as they are remembered. The first partition of 1970 is a span of
// its own, since its rows are never forgotten.
func (p *places) found(partition time.Duration) *table.Found {
	f := &table.Found{Undated: p.undated, Reached: []table.Span{}}
	for _, n := range p.undated {
		f.Records += n
	}
	const day = 24 * time.Hour
	for _, start := range slices.Sorted(maps.Keys(p.partitions)) {
		n, until := p.partitions[start], table.Time(start+partition.Milliseconds())
		f.Records += n
		last := len(f.Reached) - 1
		if last >= 0 && f.Reached[last].Until == table.Time(start) && start != partition.Milliseconds() &&
			start/day.Milliseconds() == (start-partition.Milliseconds())/day.Milliseconds() {
			f.Reached[last].Until = until
			f.Reached[last].Records += n
		} else {
			f.Reached = append(f.Reached, table.Span{From: table.Time(start), Until: until, Records: n})
		}
	}
	return f
}
