package event

import (
	"testing"

	"adtoorder/io/record"
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
	p := newParser()
	for name, payload := range map[string]string{"click": usualClick, "click with id": clickWithID, "no promotion": noPromotion} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, payload, func(r record.Record) parsed { return new(Click).parse(p, r) })
		})
	}
	for name, payload := range map[string]string{"order": usualOrder, "order without id": orderOfNoOne} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, payload, func(r record.Record) parsed { return new(Order).parse(p, r) })
		})
	}
}

func benchmark(b *testing.B, payload string, read func(record.Record) parsed) {
	r := of(payload)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		if read(r).reason != "" {
			b.Fatal("malformed")
		}
	}
}

func BenchmarkScan(b *testing.B) {
	p := newParser()
	for name, payload := range map[string]string{"click": usualClick, "click with id": clickWithID, "no promotion": noPromotion} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, payload, func(r record.Record) parsed {
				var c Click
				result, usual := c.scan(p, &r)
				if !usual {
					b.Fatal("unusual")
				}
				return result
			})
		})
	}
}
