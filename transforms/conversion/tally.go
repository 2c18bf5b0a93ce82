package conversion

import (
	"adtoorder/io/dofn"
	"time"

	"adtoorder/transforms/event"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&tallyClicksFn{})
	dofn.Batchwise(&tallyOrdersFn{})
	register.Emitter3[beam.EventTime, string, Clicks]()
	register.Emitter3[beam.EventTime, string, Orders]()
}

// TallyClicks adds up the clicks of each bundle in windows of a size, so that a
// few partial sums are shuffled instead of every click.
//
//	PCollection<[]event.Click> -> PCollection<KV<promotion, Clicks>>, at its window's last millisecond
func TallyClicks(s beam.Scope, size time.Duration, clicks beam.PCollection) beam.PCollection {
	s = s.Scope("conversion.TallyClicks")
	return beam.ParDo(s, &tallyClicksFn{WindowMillis: size.Milliseconds()}, clicks)
}

// TallyOrders adds up the orders of each bundle in windows of a size.
//
//	PCollection<[]event.Order> -> PCollection<KV<promotion, Orders>>, at its window's last millisecond
func TallyOrders(s beam.Scope, size time.Duration, orders beam.PCollection) beam.PCollection {
	s = s.Scope("conversion.TallyOrders")
	return beam.ParDo(s, &tallyOrdersFn{WindowMillis: size.Milliseconds()}, orders)
}

// key is what partial sums are added up by.
type key struct {
	window    int64 // its last millisecond since the Unix epoch
	promotion string
}

// sums are the partial sums of a bundle.
type sums[S any] map[key]*S

// of returns the sum of a promotion in the window of size ms that holds a time.
func (s sums[S]) of(time, size int64, promotion string) *S {
	k := key{time - time%size + size - 1, promotion}
	sum := s[k]
	if sum == nil {
		sum = new(S)
		s[k] = sum
	}
	return sum
}

// flush emits the sums, each at its window's last millisecond.
func (s sums[S]) flush(emit func(beam.EventTime, string, S)) {
	for k, sum := range s {
		emit(mtime.FromMilliseconds(k.window), k.promotion, *sum)
	}
}

type tallyClicksFn struct {
	WindowMillis int64
	sums         sums[Clicks]
}

// StartBundle starts with nothing.
func (fn *tallyClicksFn) StartBundle(func(beam.EventTime, string, Clicks)) { fn.sums = sums[Clicks]{} }

// ProcessElement adds up clicks.
func (fn *tallyClicksFn) ProcessElement(clicks []event.Click, _ func(beam.EventTime, string, Clicks)) {
	for _, c := range clicks {
		fn.sums.of(c.Time, fn.WindowMillis, c.Promotion).Add(c)
	}
}

// FinishBundle emits the sums.
func (fn *tallyClicksFn) FinishBundle(emit func(beam.EventTime, string, Clicks)) {
	fn.sums.flush(emit)
	fn.sums = nil
}

type tallyOrdersFn struct {
	WindowMillis int64
	sums         sums[Orders]
}

// StartBundle starts with nothing.
func (fn *tallyOrdersFn) StartBundle(func(beam.EventTime, string, Orders)) { fn.sums = sums[Orders]{} }

// ProcessElement adds up orders, each under all of its promotions.
func (fn *tallyOrdersFn) ProcessElement(orders []event.Order, _ func(beam.EventTime, string, Orders)) {
	for _, o := range orders {
		for i, part := range o.Parts {
			fn.sums.of(o.Time, fn.WindowMillis, part.Promotion).Add(o, part, i == 0)
		}
	}
}

// FinishBundle emits the sums.
func (fn *tallyOrdersFn) FinishBundle(emit func(beam.EventTime, string, Orders)) {
	fn.sums.flush(emit)
	fn.sums = nil
}
