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
	dofn.Batchwise(&bookFn{})
	dofn.Batchwise(&sumFn{})
	register.Emitter3[beam.EventTime, string, Bookings]()
	register.Iter1[Bookings]()
}

// BookRead books what a stream's source emitted.
//
//	PCollection<record.Count> -> PCollection<KV<stream, Bookings>>
func BookRead(s beam.Scope, windows window.Policy, stream string, counts beam.PCollection) beam.PCollection {
	s = s.Scope("ledger.BookRead." + stream)
	return beam.ParDo(s, &bookReadFn{Stream: stream, Windows: windows}, counts)
}

type bookReadFn struct {
	Stream  string
	Windows window.Policy
}

// ProcessElement books a count at its time.
func (fn *bookReadFn) ProcessElement(c record.Count) (beam.EventTime, string, Bookings) {
	return mtime.FromMilliseconds(fn.Windows.StampOf(c.Time)), fn.Stream, Bookings{[]Booking{
		{fn.Windows.StartOf(c.Time), Entry{Stream: fn.Stream, Outcome: Read}, c.Records}}}
}

// Book books what is known before a run: outcomes of records that it does not read.
//
//	PCollection<Booking> -> PCollection<KV<stream, Bookings>>
func Book(s beam.Scope, windows window.Policy, bookings beam.PCollection) beam.PCollection {
	s = s.Scope("ledger.Book")
	return beam.ParDo(s, &bookFn{Windows: windows}, bookings)
}

type bookFn struct{ Windows window.Policy }

// ProcessElement books a count in its window.
func (fn *bookFn) ProcessElement(b Booking) (beam.EventTime, string, Bookings) {
	return mtime.FromMilliseconds(fn.Windows.StampOf(b.Window)), b.Stream, Bookings{[]Booking{b}}
}

// early is how long after its first booking a window of an unbounded source fires
// before its end.
const early = 2 * time.Second

// Sum adds up bookings in windows. A window's rows are cumulative.
//
//	PCollection<KV<stream, Bookings>>... -> PCollection<[]Row>, each of windows of one group
func Sum(s beam.Scope, windows window.Policy, bookings ...beam.PCollection) beam.PCollection {
	s = s.Scope("ledger.Sum")
	windowed := windows.Into(s, beam.Flatten(s, bookings...), early)
	return beam.ParDo(s, &sumFn{}, beam.GroupByKey(s, windowed))
}

type sumFn struct{}

// ProcessElement adds up a stream's counts in a group of windows.
func (fn *sumFn) ProcessElement(_ string, bookings func(*Bookings) bool) []Row {
	var sum Tally
	for b := (Bookings{}); bookings(&b); b = (Bookings{}) {
		for _, c := range b.Counts {
			sum.add(c.Window, c.Entry, c.Records)
		}
	}
	rows := make([]Row, 0, len(sum.counts))
	for b, n := range sum.counts {
		rows = append(rows, Row{WindowStart: b.window, Entry: b.entry, Records: n})
	}
	return rows
}
