package conversion

import (
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Each3x1((*joinFn).ProcessElement)
	register.Iter1[Partial]()
	register.Function2x2(ofClicks)
	register.Function2x2(ofOrders)
}

// Row is what is known of a promotion in a window. Its numbers are cumulative:
// a later row of the same window and promotion replaces it by pointwise max.
type Row struct {
	WindowStart, WindowEnd int64 // milliseconds since the Unix epoch; the end is exclusive
	Promotion              string
	Counters

	// For the ledger: order records counted on this promotion, and duplicates.
	// Every click is counted on its promotion.
	BookedOrders                     int64
	DuplicateClicks, DuplicateOrders int64
}

// Early is how long after its first partial sum a window of an unbounded source fires
// before its end. Each pane adds up all that its window has, so a shorter delay costs
// more than it makes fresher: rows of windows that end are not delayed by it.
const Early = 4 * time.Second

// Join joins both streams' partial sums on promotion in windows. Panes accumulate, so
// each sees every id of its window: duplicates are found here.
//
// Both streams are grouped as one: in Beam Go's CoGroupByKey (2.77) the step that
// keeps the state is named after its place in the whole graph, so that Dataflow
// could not update a running job to a graph with one more step in front of it.
// Nor would it join an unbounded stream with finished files.
//
//	PCollection<KV<promotion, Clicks>>, PCollection<KV<promotion, Orders>> -> PCollection<Row>
func Join(s beam.Scope, windows window.Policy, clicks, orders beam.PCollection) beam.PCollection {
	s = s.Scope("conversion.Join")
	both := beam.Flatten(s, beam.ParDo(s, ofClicks, clicks), beam.ParDo(s, ofOrders, orders))
	return beam.ParDo(s, &joinFn{}, beam.GroupByKey(s, windows.Into(s, both, Early)))
}

func ofClicks(promotion string, c Clicks) (string, Partial) { return promotion, Partial{Clicks: &c} }

func ofOrders(promotion string, o Orders) (string, Partial) { return promotion, Partial{Orders: &o} }

type joinFn struct{}

// ProcessElement adds up the partial sums of a promotion in a window.
func (fn *joinFn) ProcessElement(w beam.Window, promotion string, partials func(*Partial) bool) Row {
	row := Row{Promotion: promotion}
	row.WindowStart, row.WindowEnd = window.Bounds(w)
	var clicks Clicks
	var orders Orders
	for p := (Partial{}); partials(&p); p = (Partial{}) {
		if p.Clicks != nil {
			clicks.Merge(*p.Clicks)
		}
		if p.Orders != nil {
			orders.Merge(*p.Orders)
		}
	}
	row.Clicks, row.LateClicks, row.DuplicateClicks = clicks.total()
	sum, duplicates := orders.total()
	row.OrderCounters, row.BookedOrders, row.DuplicateOrders = sum.OrderCounters, sum.Booked, duplicates
	return row
}
