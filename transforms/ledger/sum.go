package ledger

import (
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/record"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&bookReadFn{})
	dofn.Each3x1((*sumFn).ProcessElement)
	register.Emitter3[beam.EventTime, Entry, int64]()
	register.Iter1[int64]()
}

// BookRead books what a stream's source emitted.
//
//	PCollection<record.Count> -> PCollection<KV<Entry, int64>>
func BookRead(s beam.Scope, stream string, counts beam.PCollection) beam.PCollection {
	s = s.Scope("ledger.BookRead." + stream)
	return beam.ParDo(s, &bookReadFn{Stream: stream}, counts)
}

type bookReadFn struct{ Stream string }

// ProcessElement books a count at its time.
func (fn *bookReadFn) ProcessElement(c record.Count) (beam.EventTime, Entry, int64) {
	return mtime.FromMilliseconds(c.Time), Entry{Stream: fn.Stream, Outcome: Read}, c.Records
}

// early is how long after its first booking a window of an unbounded source fires
// before its end.
const early = 2 * time.Second

// Sum adds up bookings in windows. A window's rows are cumulative.
//
//	PCollection<KV<Entry, int64>>... -> PCollection<Row>
func Sum(s beam.Scope, windows window.Policy, bookings ...beam.PCollection) beam.PCollection {
	s = s.Scope("ledger.Sum")
	windowed := windows.Into(s, beam.Flatten(s, bookings...), early)
	return beam.ParDo(s, &sumFn{}, beam.GroupByKey(s, windowed))
}

type sumFn struct{}

// ProcessElement adds up an entry's counts in a window.
func (fn *sumFn) ProcessElement(w beam.Window, e Entry, counts func(*int64) bool) Row {
	start, _ := window.Bounds(w)
	row := Row{WindowStart: start, Entry: e}
	var n int64
	for counts(&n) {
		row.Records += n
	}
	return row
}
