package traffic

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func newOrders() *orderSource {
	return &orderSource{rng: newRand(1, 1), promotions: newPromotions(10, 1)}
}

func TestOrderLine(t *testing.T) {
	o := newOrders()
	o.number, o.user = 17, 17
	o.lines = []orderLine{{item: 1, promotion: 0, quantity: 2}, {item: 6, promotion: noPromotion, quantity: 1}}
	assert.Equal(t, `{"OrderId":"O000017","UserId":"U17","Timestamp":"1970-01-01T00:03:20.000Z","OrderLines":[`+
		`{"ItemId":"I1","Promotion":"P601","UnitPrice":81.18,"Quantity":2},`+
		`{"ItemId":"I6","Promotion":"","UnitPrice":85.09,"Quantity":1}]}`, string(o.appendTo(nil, 200_000)))
}

func TestUnitPriceRange(t *testing.T) {
	seen := map[int]bool{}
	for item := 1; item <= items; item++ {
		cents := unitPrice(item)
		assert.True(t, cents >= 199 && cents <= 9999, "item %d: %d", item, cents)
		seen[cents] = true
	}
	assert.Len(t, seen, items)
}

func TestOrderMix(t *testing.T) {
	const n = 50_000.0
	o := newOrders()
	var lines, withEmpty, without, same, different float64
	orders := make([]float64, 10)
	for i := range int(n) {
		o.draw(i + 1)
		lines += float64(len(o.lines))
		assert.True(t, len(o.lines) >= 1 && len(o.lines) <= maxLines)
		carried, empty := map[int]int{}, 0
		for _, l := range o.lines {
			assert.True(t, l.quantity >= 1 && l.quantity <= maxQuantity)
			assert.True(t, l.item >= 1 && l.item <= items)
			if l.promotion == noPromotion {
				empty++
			} else {
				carried[l.promotion]++
				orders[l.promotion]++
			}
		}
		switch {
		case len(carried) == 0:
			without++
		case len(carried) > 1:
			different++
		case empty > 0:
			withEmpty++
		case len(o.lines) > 1:
			same++
		}
	}
	assert.InDelta(t, 1.6*n, lines, 0.01*n)
	assert.InDelta(t, 0.05*n, without, 0.005*n)
	assert.Greater(t, same, 0.05*n)
	assert.Greater(t, different, 0.02*n)
	assert.Greater(t, withEmpty, 0.1*n)
	promoted := 0.0
	for _, k := range orders {
		promoted += k
	}
	for i := 1; i < len(orders); i++ {
		want := (o.promotions.ordered[i] - o.promotions.ordered[i-1]) / o.promotions.ordered[9]
		assert.InDelta(t, want, orders[i]/promoted, 0.01, "promotion %d", i)
	}
}

func TestOneDuplicateInFiveIsCorrected(t *testing.T) {
	const n = 5000
	o, rng := newOrders(), newRand(2, 2)
	corrected := 0
	for i := range n {
		o.draw(i + 1)
		before := append([]orderLine(nil), o.lines...)
		first := string(o.appendTo(nil, 0))
		if string(o.appendAgain(nil, 0, rng)) == first {
			continue
		}
		corrected++
		assert.NotEqual(t, before[0].quantity, o.lines[0].quantity)
		assert.True(t, o.lines[0].quantity >= 1 && o.lines[0].quantity <= maxQuantity)
		o.lines[0].quantity = before[0].quantity
		assert.Equal(t, before, o.lines, "more than the Quantity differs")
	}
	assert.InDelta(t, n/correctedOneIn, corrected, n*0.02)
}
