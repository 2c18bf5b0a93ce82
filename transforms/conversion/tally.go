package conversion

import (
	"adtoorder/io/dofn"
	"adtoorder/io/window"
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

// TallyClicks adds up the clicks of each bundle in windows, so that a few partial
// sums are shuffled instead of every click.
//
//	PCollection<[]event.Click> -> PCollection<KV<promotion, Clicks>>, at its window's last millisecond
func TallyClicks(s beam.Scope, windows window.Policy, clicks beam.PCollection) beam.PCollection {
	s = s.Scope("conversion.TallyClicks")
	return beam.ParDo(s, &tallyClicksFn{Windows: windows}, clicks)
}

// TallyOrders adds up the orders of each bundle in windows.
//
//	PCollection<[]event.Order> -> PCollection<KV<promotion, Orders>>, at its window's last millisecond
func TallyOrders(s beam.Scope, windows window.Policy, orders beam.PCollection) beam.PCollection {
	s = s.Scope("conversion.TallyOrders")
	return beam.ParDo(s, &tallyOrdersFn{Windows: windows}, orders)
}

// key is what partial sums are added up by.
type key struct {
	window    int64 // its last millisecond since the Unix epoch
	promotion string
}

// sums are the partial sums of a bundle.
type sums[S any] map[key]*S

// of returns the sum of a promotion in a window, given by its last millisecond.
func (s sums[S]) of(window int64, promotion string) *S {
	k := key{window, promotion}
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
	Windows window.Policy
	sums    sums[Clicks]
}

// StartBundle starts with nothing.
func (fn *tallyClicksFn) StartBundle(func(beam.EventTime, string, Clicks)) { fn.sums = sums[Clicks]{} }

// ProcessElement adds up clicks.
func (fn *tallyClicksFn) ProcessElement(clicks []event.Click, _ func(beam.EventTime, string, Clicks)) {
	for _, c := range clicks {
		fn.sums.of(fn.Windows.LastOf(c.Time), c.Promotion).Add(c)
	}
}

// FinishBundle emits the sums.
func (fn *tallyClicksFn) FinishBundle(emit func(beam.EventTime, string, Clicks)) {
	fn.sums.flush(emit)
	fn.sums = nil
}

type tallyOrdersFn struct {
	Windows window.Policy
	sums    sums[Orders]
}

// StartBundle starts with nothing.
func (fn *tallyOrdersFn) StartBundle(func(beam.EventTime, string, Orders)) { fn.sums = sums[Orders]{} }

// ProcessElement adds up orders, each under all of its promotions.
func (fn *tallyOrdersFn) ProcessElement(orders []event.Order, _ func(beam.EventTime, string, Orders)) {
	for _, o := range orders {
		for i, part := range o.Parts {
			fn.sums.of(fn.Windows.LastOf(o.Time), part.Promotion).Add(o, part, i == 0)
		}
	}
}

// FinishBundle emits the sums.
func (fn *tallyOrdersFn) FinishBundle(emit func(beam.EventTime, string, Orders)) {
	fn.sums.flush(emit)
	fn.sums = nil
}
