package engine

import (
	"fmt"
	"hash/fnv"
	"slices"

	"adtoorder/io/dofn"
	"adtoorder/io/lake"
	"adtoorder/io/progress"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/transforms/event"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.Function2x0(rejectRows)
	register.Function3x0(refusedRows)
	dofn.Batchwise(&withholdFn{})
}

// What Options.RejectPayloads says is kept of a reject's payload: it may hold personal
// data.
const (
	payloadsFull   = "full"
	payloadsHashed = "hashed"
	payloadsNone   = "none"
)

var withheld = map[string]int64{payloadsFull: Whole, payloadsHashed: Hashed, payloadsNone: NotKept}

// writeRejects writes the rejects of both streams, PCollections of []event.Reject, and
// the rows that the warehouse refused.
//
// Of finished input the bundle that finds rejects writes them: no runner holds their
// payloads, of which there may be as many as there are records. Grouped, each took Prism
// 1.8 kB. A live source's may be other ones when a bundle is done again, since
// what is too late depends on when it is read: so these are grouped, as long as files
// wait for more.
func writeRejects(s beam.Scope, o Options, refused []beam.PCollection, clicks, orders beam.PCollection) (w written) {
	if o.Live() {
		unusable := beam.ParDo(s, rejectRows, beam.Flatten(s.Scope("Rejects"), clicks, orders))
		refused = append(refused, unusable)
	} else {
		w = w.and(writeAsFound(s.Scope("Rejects.clicks"), o, clicks),
			writeAsFound(s.Scope("Rejects.orders"), o, orders))
	}
	if len(refused) > 0 {
		all := withhold(s, o, beam.Flatten(s.Scope("AllRejects"), refused...))
		w = w.and(write[RejectRow](s, o, rejectsDataset, rejectsTable, all))
	}
	return w
}

// writeAsFound writes the rejects of a stream of finished input.
func writeAsFound(s beam.Scope, o Options, rejects beam.PCollection) written {
	rows := withhold(s, o, beam.ParDo(s, rejectRows, rejects))
	w := upsert[RejectRow](s, o, rejectsTable, beam.DropKey(s, rows))
	w.files = []beam.PCollection{lake.WriteUngrouped[RejectRow](s, o.Lake, rejectsDataset, o.Windows(), rows)}
	return w
}

// refusedRows are the rows that the warehouse refuses, as rejects of a stream
// "warehouse". The lake has them all the same.
func refusedRows(at beam.EventTime, r warehouse.Refused, emit func(string, table.Batch[RejectRow])) {
	emit(fmt.Sprintf("%08x-refused", hash(r.Table)), table.Batch[RejectRow]{Rows: []RejectRow{
		{"warehouse", r.Table, r.Key, table.Time(at.Milliseconds()), "refused", r.Reason, r.Row, false, Whole}}})
}

// rejectSpan is how much of a source's positions shares a file of rejects:
// 256 KiB of a file, so that no file of rejects grows with the input.
const rejectSpan = 256 << 10

// rejectRows are the rows of rejects of one partition, by the stretches of their sources.
func rejectRows(rejects []event.Reject, emit func(string, table.Batch[RejectRow])) {
	stretches := map[string][]RejectRow{}
	for _, r := range rejects {
		if !r.IsSample() {
			progress.Rejects.Add(1)
		}
		shard := fmt.Sprintf("%08x-%d", hash(r.Stream+" "+r.Source), r.Offset/rejectSpan)
		stretches[shard] = append(stretches[shard], RejectRow{r.Stream, r.Source, r.Position,
			table.Time(r.Time), r.Outcome, r.Reason, r.Payload, r.Cut, Whole})
	}
	for shard, rows := range stretches {
		emit(shard, table.Batch[RejectRow]{Rows: rows})
	}
}

// withhold takes out of PCollection<KV<shard, table.Batch[RejectRow]>> what is not to be
// kept of payloads.
func withhold(s beam.Scope, o Options, rows beam.PCollection) beam.PCollection {
	if withheld[o.RejectPayloads] == Whole {
		return rows
	}
	return beam.ParDo(s, &withholdFn{withheld[o.RejectPayloads]}, rows)
}

type withholdFn struct{ Withheld int64 }

// ProcessElement takes payloads out of a batch.
func (fn *withholdFn) ProcessElement(
	shard string, batch table.Batch[RejectRow], emit func(string, table.Batch[RejectRow]),
) {
	rows := slices.Clone(batch.Rows)
	for i := range rows {
		rows[i].Withheld = fn.Withheld
		rows[i].Derive()
	}
	emit(shard, table.Batch[RejectRow]{Rows: rows})
}

func hash(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()
}
