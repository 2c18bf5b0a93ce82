package event

import (
	"slices"
	"strings"
	"testing"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"
)

// What records usually look like.
const (
	usualClick   = `{"UserId":"U1025","Device":"desktop","Event":"P603","EventType":"Promotion","Timestamp":"2026-11-01T18:00:01.020Z"}`
	clickWithID  = `{"EventId":"E100001","UserId":"U1025","Device":"desktop","Event":"P603","EventType":"Promotion","Timestamp":"2026-11-01T18:00:01.020Z"}`
	noPromotion  = `{"UserId":"U1025","Device":"desktop","Event":"C301","EventType":"Search","Timestamp":"2026-11-01T18:00:01.020Z"}`
	usualOrder   = `{"OrderId":"O100001","UserId":"U6165","Timestamp":"2026-11-01T18:00:17.906Z","OrderLines":[` + orderLine1 + `,` + orderLine2 + `]}`
	orderLine1   = `{"ItemId":"I250","Promotion":"P606","UnitPrice":99.48,"Quantity":2}`
	orderLine2   = `{"ItemId":"I67","Promotion":"","UnitPrice":15.18,"Quantity":1}`
	orderOfNoOne = `{"UserId":"U6165","Timestamp":"2026-11-01T18:00:17.906Z","OrderLines":[` + orderLine1 + `,` + orderLine2 + `]}`
)

func BenchmarkParse(b *testing.B) {
	benchmark(b,
		func(c *Click, p *parser, r *record.Record) bool { return c.parse(p, *r).reason == "" },
		func(o *Order, p *parser, r *record.Record) bool { return o.parse(p, *r).reason == "" })
}

func BenchmarkScan(b *testing.B) {
	benchmark(b,
		func(c *Click, p *parser, r *record.Record) bool { _, usual := c.scan(p, r); return usual },
		func(o *Order, p *parser, r *record.Record) bool { _, usual := o.scan(p, r); return usual })
}

func benchmark(b *testing.B, click func(*Click, *parser, *record.Record) bool,
	order func(*Order, *parser, *record.Record) bool) {
	p := newParser()
	var c Click
	var o Order
	for _, one := range []struct{ name, payload string }{
		{"click", usualClick}, {"click with id", clickWithID}, {"no promotion", noPromotion},
	} {
		b.Run(one.name, func(b *testing.B) {
			each(b, one.payload, func(r *record.Record) bool { return click(&c, p, r) })
		})
	}
	for _, one := range []struct{ name, payload string }{{"order with id", usualOrder}, {"order", orderOfNoOne}} {
		b.Run(one.name, func(b *testing.B) {
			each(b, one.payload, func(r *record.Record) bool { return order(&o, p, r) })
		})
	}
}

// What a decoder adds, to a batch of a block: bookings, windows, looking for near misses.
func BenchmarkDecoder(b *testing.B) {
	clicks, orders, read := NewClicks(minutes), NewOrders(minutes), 0
	reject := func(Reject) { b.Fail() }
	for _, one := range []struct {
		name, payload string
		decode        func(batch []record.Record)
	}{
		{"click", usualClick, func(batch []record.Record) { clicks.Decode(batch, func(*Click) { read++ }, reject) }},
		{"no promotion", noPromotion, func(batch []record.Record) { clicks.Decode(batch, func(*Click) {}, reject) }},
		{"order", orderOfNoOne, func(batch []record.Record) { orders.Decode(batch, func(*Order) { read++ }, reject) }},
	} {
		b.Run(one.name, func(b *testing.B) {
			batch := slices.Repeat([]record.Record{of(one.payload)}, 2000)
			each(b, strings.Repeat(one.payload, len(batch)), func(*record.Record) bool {
				one.decode(batch)
				return true
			})
		})
	}
}

func BenchmarkNewID(b *testing.B) {
	each(b, "E100001", func(r *record.Record) bool { return NewID(r.Payload) != ID{} })
}

func BenchmarkTimes(b *testing.B) {
	for _, one := range []struct{ stream, payload string }{{ledger.Clicks, clickWithID}, {ledger.Orders, usualOrder}} {
		b.Run(one.stream, func(b *testing.B) {
			batch, times := []record.Record{of(one.payload)}, []int64(nil)
			timesOf, err := Times(one.stream, Reading{})
			if err != nil {
				b.Fatal(err)
			}
			each(b, one.payload, func(*record.Record) bool {
				times = timesOf(times[:0], batch)
				return times[0] > 0
			})
		})
	}
}

func each(b *testing.B, payload string, read func(*record.Record) bool) {
	r := of(payload)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		if !read(&r) {
			b.Fatal("not read: ", payload)
		}
	}
}
