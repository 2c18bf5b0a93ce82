package conversion

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&joinFn{})
	register.Iter1[Partials]()
	register.Emitter1[[]Row]()
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

// early is how long after its first partial sum a window of an unbounded source fires
// before its end. Each pane adds up all that its window has, so a shorter delay costs
// more than it makes fresher: rows of windows that end are not delayed by it.
const early = 4 * time.Second

// Join joins both streams' partial sums on promotion in windows. Panes accumulate, so
// each sees every id of its group: duplicates are found here.
//
// Both streams are grouped as one: in Beam Go's CoGroupByKey (2.77) the step that
// keeps the state is named after its place in the whole graph, so that Dataflow
// could not update a running job to a graph with one more step in front of it.
// Nor would it join an unbounded stream with finished files.
//
//	PCollection<KV<key, Partials>>... -> PCollection<[]Row>, each of windows of one group
func Join(s beam.Scope, windows window.Policy, partials ...beam.PCollection) beam.PCollection {
	s = s.Scope("conversion.Join")
	grouped := beam.GroupByKey(s, windows.Into(s, beam.Flatten(s, partials...), early))
	return beam.ParDo(s, &joinFn{Windows: windows}, grouped)
}

type joinFn struct{ Windows window.Policy }

// maxRows is how many rows an element has at most.
const maxRows = 4_096

// ProcessElement adds up the partial sums of a group, by window and promotion.
func (fn *joinFn) ProcessElement(_ string, partials func(*Partials) bool, emit func([]Row)) {
	joined := map[key]*joining{}
	for p := (Partials{}); partials(&p); p = (Partials{}) {
		for _, sum := range p.Sums {
			k := key{sum.Window, sum.Promotion}
			if joined[k] == nil {
				joined[k] = &joining{}
			}
			joined[k].add(sum)
		}
	}
	var rows []Row
	var ids idCounter
	for _, k := range slices.SortedFunc(maps.Keys(joined), key.compare) {
		rows = append(rows, joined[k].row(k, fn.Windows, &ids))
		delete(joined, k)
		if len(rows) == maxRows {
			emit(rows)
			rows = nil
		}
	}
	if len(rows) > 0 {
		emit(rows)
	}
}

func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.window, other.window), strings.Compare(k.promotion, other.promotion))
}

// joining is what both streams' partial sums of a promotion in a window are.
type joining struct {
	clicks []*Clicks
	orders []*Orders
}

func (j *joining) add(p Partial) {
	if p.Clicks != nil {
		j.clicks = append(j.clicks, p.Clicks)
	}
	if p.Orders != nil {
		j.orders = append(j.orders, p.Orders)
	}
}

func (j *joining) row(k key, windows window.Policy, ids *idCounter) Row {
	row := Row{WindowStart: k.window, WindowEnd: windows.EndOf(k.window), Promotion: k.promotion}
	row.Clicks, row.LateClicks, row.DuplicateClicks = totalClicks(j.clicks, ids)
	sum, duplicates := totalOrders(j.orders)
	row.OrderCounters, row.BookedOrders, row.DuplicateOrders = sum.OrderCounters, sum.Booked, duplicates
	return row
}
