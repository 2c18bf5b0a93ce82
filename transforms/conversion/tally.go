package conversion

import (
	"hash/fnv"
	"strconv"

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
	register.Emitter3[beam.EventTime, string, Partials]()
}

// TallyClicks adds up the clicks of each bundle in windows, so that a few batches of
// partial sums are shuffled instead of every click.
//
//	PCollection<[]event.Click> -> PCollection<KV<key, Partials>>
func TallyClicks(s beam.Scope, windows window.Policy, clicks beam.PCollection) beam.PCollection {
	s = s.Scope("conversion.TallyClicks")
	return beam.ParDo(s, &tallyClicksFn{Windows: windows}, clicks)
}

// TallyOrders adds up the orders of each bundle in windows.
//
//	PCollection<[]event.Order> -> PCollection<KV<key, Partials>>
func TallyOrders(s beam.Scope, windows window.Policy, orders beam.PCollection) beam.PCollection {
	s = s.Scope("conversion.TallyOrders")
	return beam.ParDo(s, &tallyOrdersFn{Windows: windows}, orders)
}

// key is what partial sums are added up by.
type key struct {
	window    int64 // its start, milliseconds since the Unix epoch
	promotion string
}

// sums are partial sums by window and promotion.
type sums[S any] map[key]*S

// of returns the sum of a promotion in a window, given by its start.
func (s sums[S]) of(window int64, promotion string) *S {
	k := key{window, promotion}
	sum := s[k]
	if sum == nil {
		sum = new(S)
		s[k] = sum
	}
	return sum
}

// maxPartials is how many partial sums an element has at most.
const maxPartials = 10_000

// batches gathers partial sums into elements: those of a group and key together.
type batches map[batchOf][]Partial

type batchOf struct {
	stamp int64 // when the group's elements are emitted
	key   string
}

type emitPartials = func(beam.EventTime, string, Partials)

// add adds a partial sum, and emits what is a whole element.
func (b batches) add(windows window.Policy, p Partial, emit emitPartials) {
	of := batchOf{windows.StampOf(p.Window), groupKey(windows, p.Promotion)}
	b[of] = append(b[of], p)
	if len(b[of]) == maxPartials {
		of.emit(b[of], emit)
		delete(b, of)
	}
}

// flush emits what is left.
func (b batches) flush(emit emitPartials) {
	for of, sums := range b {
		of.emit(sums, emit)
	}
}

func (of batchOf) emit(sums []Partial, emit emitPartials) {
	emit(mtime.FromMilliseconds(of.stamp), of.key, Partials{sums})
}

// groupKey is what a promotion's partial sums are grouped by, within their group.
func groupKey(windows window.Policy, promotion string) string {
	switch windows.Keys {
	case 0:
		return promotion
	case 1:
		return "0"
	}
	h := fnv.New32a()
	h.Write([]byte(promotion))
	return strconv.Itoa(int(h.Sum32() % uint32(windows.Keys)))
}

type tallyClicksFn struct {
	Windows window.Policy
	sums    sums[Clicks]
}

// StartBundle starts with nothing.
func (fn *tallyClicksFn) StartBundle(emitPartials) { fn.sums = sums[Clicks]{} }

// ProcessElement adds up clicks.
func (fn *tallyClicksFn) ProcessElement(clicks []event.Click, _ emitPartials) {
	for _, c := range clicks {
		fn.sums.of(fn.Windows.StartOf(c.Time), c.Promotion).Add(c)
	}
}

// FinishBundle emits the sums.
func (fn *tallyClicksFn) FinishBundle(emit emitPartials) {
	elements := batches{}
	for k, sum := range fn.sums {
		elements.add(fn.Windows, Partial{Window: k.window, Promotion: k.promotion, Clicks: sum}, emit)
	}
	elements.flush(emit)
	fn.sums = nil
}

type tallyOrdersFn struct {
	Windows window.Policy
	sums    sums[Orders]
}

// StartBundle starts with nothing.
func (fn *tallyOrdersFn) StartBundle(emitPartials) { fn.sums = sums[Orders]{} }

// ProcessElement adds up orders, each under all of its promotions.
func (fn *tallyOrdersFn) ProcessElement(orders []event.Order, _ emitPartials) {
	for _, o := range orders {
		for i, part := range o.Parts {
			fn.sums.of(fn.Windows.StartOf(o.Time), part.Promotion).Add(o, part, i == 0)
		}
	}
}

// FinishBundle emits the sums.
func (fn *tallyOrdersFn) FinishBundle(emit emitPartials) {
	elements := batches{}
	for k, sum := range fn.sums {
		elements.add(fn.Windows, Partial{Window: k.window, Promotion: k.promotion, Orders: sum}, emit)
	}
	elements.flush(emit)
	fn.sums = nil
}
