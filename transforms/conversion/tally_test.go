package conversion

import (
	"fmt"
	"testing"
	"time"

	"adtoorder/io/window"
	"adtoorder/transforms/event"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
)

// tallyClicks runs bundles of batches and returns the sums that each emits, by
// time and promotion.
func tallyClicks(t *testing.T, size int64, bundles ...[][]event.Click) []map[string]Clicks {
	fn := &tallyClicksFn{Windows: window.Policy{Size: time.Duration(size) * time.Millisecond}}
	var all []map[string]Clicks
	for _, batches := range bundles {
		sums := map[string]Clicks{}
		fn.StartBundle(nil)
		for _, batch := range batches {
			fn.ProcessElement(batch, nil)
		}
		fn.FinishBundle(func(at beam.EventTime, promotion string, sum Clicks) {
			key := fmt.Sprint(at.Milliseconds(), " ", promotion)
			assert.NotContains(t, sums, key, "two partial sums of a bundle")
			sums[key] = sum
		})
		all = append(all, sums)
	}
	return all
}

// tallyOrders does the same with orders.
func tallyOrders(t *testing.T, size int64, bundles ...[][]event.Order) []map[string]Orders {
	fn := &tallyOrdersFn{Windows: window.Policy{Size: time.Duration(size) * time.Millisecond}}
	var all []map[string]Orders
	for _, batches := range bundles {
		sums := map[string]Orders{}
		fn.StartBundle(nil)
		for _, batch := range batches {
			fn.ProcessElement(batch, nil)
		}
		fn.FinishBundle(func(at beam.EventTime, promotion string, sum Orders) {
			key := fmt.Sprint(at.Milliseconds(), " ", promotion)
			assert.NotContains(t, sums, key, "two partial sums of a bundle")
			sums[key] = sum
		})
		all = append(all, sums)
	}
	return all
}

func click(name string, time int64, promotion string) event.Click {
	return event.Click{ID: id(name), Time: time, Promotion: promotion}
}

func TestTallyClicks(t *testing.T) {
	got := tallyClicks(t, 60_000, [][]event.Click{
		{click("", 0, "P1"), click("", 59_999, "P1"), click("", 60_000, "P1")},
		{},
		{click("a", 1, "P1"), click("a", 2, "P1"), click("", 0, "P2"),
			{ID: id("b"), Time: 3, Promotion: "P1", Late: true}},
	}, [][]event.Click{
		{click("", 119_999, "P1"), {Time: 120_000, Promotion: "P1", Late: true}},
	}, nil)
	assert.Equal(t, []map[string]Clicks{
		{
			"59999 P1":  {Anonymous: 2, IDs: []event.ID{id("a"), id("a")}, LateIDs: []event.ID{id("b")}},
			"59999 P2":  {Anonymous: 1},
			"119999 P1": {Anonymous: 1},
		}, {
			"119999 P1": {Anonymous: 1},
			"179999 P1": {Anonymous: 1, LateAnonymous: 1},
		},
		{},
	}, got)
}

func TestTallyOrders(t *testing.T) {
	p1, p2 := event.Part{Promotion: "P1", Amounts: event.Amounts{Lines: 2, Units: 3,
		RevenueMicros: 50}}, event.Part{Promotion: "P2", Amounts: event.Amounts{Lines: 1, Units: 1, RevenueMicros: 7}}
	got := tallyOrders(t, 60_000, [][]event.Order{
		{{Time: 59_999, Parts: []event.Part{p1, p2}}, {ID: id("a"), Time: 0, Parts: []event.Part{p2}}},
		{{ID: id("b"), Time: 0, Parts: []event.Part{p1, p2}, Late: true},
			{Time: 60_000, Parts: []event.Part{p1}, Late: true}},
	}, [][]event.Order{
		{{Time: 0, Parts: []event.Part{p1}}},
	}, nil)
	assert.Equal(t, []map[string]Orders{
		{
			// An order is booked on the first of its promotions.
			"59999 P1": {sumOf(1, 0, 1, 2, 3, 50), []Version{versionOf(id("b"), true, true, 2, 3, 50)}},
			"59999 P2": {sumOf(1, 0, 0, 1, 1, 7), []Version{versionOf(id("a"), false, true, 1, 1, 7),
				versionOf(id("b"), true, false, 1, 1, 7)}},
			"119999 P1": {sumOf(1, 1, 1, 2, 3, 50), nil},
		}, {
			"59999 P1": {sumOf(1, 0, 1, 2, 3, 50), nil},
		},
		{},
	}, got)
}

func TestTallyInWindowsOfAnySize(t *testing.T) {
	for _, size := range []int64{1_000, 7_000, 60_000, 3_600_000, 86_400_000} {
		for _, start := range []int64{0, size, 1_793_491_200_000 - 1_793_491_200_000%size} {
			for _, at := range []int64{start, start + 1, start + size - 1} {
				got := tallyClicks(t, size, [][]event.Click{{click("", at, "P1")}})[0]
				assert.Contains(t, got, fmt.Sprint(start+size-1, " P1"), "%d in windows of %d", at, size)
			}
		}
	}
}
