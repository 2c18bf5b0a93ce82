package ledger

import (
	"time"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn1x3[record.Count, beam.EventTime, Entry, int64](&bookReadFn{})
	register.DoFn3x1[beam.Window, Entry, func(*int64) bool, Row](&sumFn{})
	register.Emitter3[beam.EventTime, Entry, int64]()
	register.Iter1[int64]()
}

// BookRead books what a stream's source emitted.
//
//	PCollection<record.Count> -> PCollection<KV<Entry, int64>>
func BookRead(s beam.Scope, stream string, counts beam.PCollection) beam.PCollection {
	s = s.Scope("ledger.BookRead")
	return beam.ParDo(s, &bookReadFn{Stream: stream}, counts)
}

type bookReadFn struct{ Stream string }

// ProcessElement books a count at its time.
func (fn *bookReadFn) ProcessElement(c record.Count) (beam.EventTime, Entry, int64) {
	return mtime.FromMilliseconds(c.Time), Entry{Stream: fn.Stream, Outcome: Read}, c.Records
}

// Sum adds up bookings in fixed windows. A window's rows are cumulative.
//
//	PCollection<KV<Entry, int64>>... -> PCollection<Row>
func Sum(s beam.Scope, size, allowedLateness time.Duration, bookings ...beam.PCollection) beam.PCollection {
	s = s.Scope("ledger.Sum")
	windowed := beam.WindowInto(s, window.NewFixedWindows(size), beam.Flatten(s, bookings...),
		beam.AllowedLateness(allowedLateness), beam.PanesAccumulate())
	return beam.ParDo(s, &sumFn{}, beam.GroupByKey(s, windowed))
}

type sumFn struct{}

// ProcessElement adds up an entry's counts in a window.
func (fn *sumFn) ProcessElement(w beam.Window, e Entry, counts func(*int64) bool) Row {
	row := Row{WindowStart: w.(window.IntervalWindow).Start.Milliseconds(), Entry: e}
	var n int64
	for counts(&n) {
		row.Records += n
	}
	return row
}
