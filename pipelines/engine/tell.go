package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"adtoorder/io/files"
	"adtoorder/io/lake"
	"adtoorder/io/progress"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/io/window"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"
)

// counts are clicks and orders of a window, of all promotions.
type counts struct{ clicks, orders int64 }

func (c *counts) add(more counts) {
	c.clicks += more.clicks
	c.orders += more.orders
}

// String returns them in words.
func (c counts) String() string { return fmt.Sprintf("%d clicks and %d orders", c.clicks, c.orders) }

// covered reads the input and returns by their starts, in milliseconds since the Unix
// epoch, the windows that the run will write, with the clicks and orders that it has of
// each; those that come twice are counted twice.
func (r *run) covered(ctx context.Context) (map[int64]counts, error) {
	windows := map[int64]counts{0: {}} // the ledger books what was read there
	err := lookThrough(ctx, r.parts(), countsIn(r.Windows()), func(_ int, found map[int64]counts) {
		for start, n := range found {
			n.add(windows[start])
			windows[start] = n
		}
	})
	return windows, err
}

// countsIn returns a function that counts a part's clicks or orders by window. What is
// neither is of a window, too.
func countsIn(windows window.Policy) func(context.Context, *storage.Storage, part) (map[int64]counts, error) {
	return func(ctx context.Context, st *storage.Storage, p part) (map[int64]counts, error) {
		found := map[int64]counts{}
		look, err := event.NewLook(p.stream, windows, p.reading)
		if err != nil {
			return nil, err
		}
		count := func(e event.Seen) {
			n := counts{clicks: e.Promotions}
			if p.stream == ledger.Orders {
				n = counts{orders: e.Promotions}
			}
			n.add(found[windows.StartOf(e.Time)])
			found[windows.StartOf(e.Time)] = n
		}
		for batch, err := range files.Scan(ctx, st, p.file) {
			if err != nil {
				return nil, err
			}
			look.Decode(batch, count)
		}
		for start := range look.Tally.Windows() {
			if _, is := found[start]; !is {
				found[start] = counts{}
			}
		}
		return found, nil
	}
}

// maxTold is how many of the windows that lose something are named.
const maxTold = 10

// replacedRow has the columns of ConversionRow that are told of.
type replacedRow struct {
	Start  table.Time `json:"window_start" parquet:"window_start,timestamp(millisecond)"`
	Clicks int64      `json:"clicks" parquet:"clicks"`
	Orders int64      `json:"orders" parquet:"orders"`
}

// tell says what a run with --replace takes from the lake, before it does: windows, given
// by their starts in order. The two runs' windows may be of different sizes.
func (r *run) tell(ctx context.Context, removed []int64, covered map[int64]counts, sameSize bool) error {
	had := map[int64]counts{}
	for rows, err := range lake.Scan[replacedRow](ctx, r.Lake, conversionsDataset) {
		if err != nil { // as it may be a reason to replace
			progress.Problem(ctx, "what --replace takes from the lake is not known: "+err.Error())
			return ctx.Err()
		}
		for _, row := range rows {
			if _, goes := slices.BinarySearch(removed, int64(row.Start)); goes {
				n := counts{row.Clicks, row.Orders}
				n.add(had[int64(row.Start)])
				had[int64(row.Start)] = n
			}
		}
	}
	var was, is counts
	var lose []string
	for _, start := range slices.Sorted(maps.Keys(had)) {
		before, after := had[start], covered[start]
		was.add(before)
		if after.clicks < before.clicks || after.orders < before.orders {
			lose = append(lose, fmt.Sprintf("%s goes from %s to %s", table.Time(start), before, after))
		}
	}
	for _, n := range covered {
		is.add(n)
	}
	text := fmt.Sprintf("--replace puts %s of this run, duplicates among them, in place of %s in %d windows of "+
		"the lake", is, was, len(had))
	if len(lose) > 0 && sameSize {
		named := strings.Join(lose[:min(len(lose), maxTold)], ", ")
		text += fmt.Sprintf("; %d windows lose some: %s", len(lose), named)
	}
	progress.Problem(ctx, text)
	return nil
}
