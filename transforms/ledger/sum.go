package ledger

import (
	"adtoorder/io/dofn"
	"time"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window/trigger"
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

// provisional is how long after its first booking a window of a live source
// fires before its end or after it.
const provisional = 2 * time.Second

// Sum adds up bookings in fixed windows. A window's rows are cumulative. With
// allowed lateness, provisional rows and corrections come at once.
//
//	PCollection<KV<Entry, int64>>... -> PCollection<Row>
func Sum(s beam.Scope, size, allowedLateness time.Duration, bookings ...beam.PCollection) beam.PCollection {
	s = s.Scope("ledger.Sum")
	options := []beam.WindowIntoOption{beam.AllowedLateness(allowedLateness), beam.PanesAccumulate()}
	if allowedLateness > 0 {
		options = append(options, beam.Trigger(trigger.AfterEndOfWindow().
			EarlyFiring(trigger.AfterProcessingTime().PlusDelay(provisional)).
			LateFiring(trigger.AfterCount(1))))
	}
	windowed := beam.WindowInto(s, window.NewFixedWindows(size), beam.Flatten(s, bookings...), options...)
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
