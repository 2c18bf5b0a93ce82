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
	benchmark(b, (*Click).parse, (*Order).parse)
}

func BenchmarkScan(b *testing.B) {
	benchmark(b, scanned[Click], scanned[Order])
}

// scanned scans a record that is usual.
func scanned[E any, P Event[E]](event P, p *parser, r record.Record) parsed {
	result, usual := event.scan(p, &r)
	if !usual {
		panic("unusual: " + string(r.Payload))
	}
	return result
}

func benchmark(b *testing.B, click func(*Click, *parser, record.Record) parsed, order func(*Order, *parser, record.Record) parsed) {
	p := newParser()
	var c Click
	var o Order
	for _, one := range []struct{ name, payload string }{
		{"click", usualClick}, {"click with id", clickWithID}, {"no promotion", noPromotion},
	} {
		b.Run(one.name, func(b *testing.B) { each(b, one.payload, func(r record.Record) parsed { return click(&c, p, r) }) })
	}
	for _, one := range []struct{ name, payload string }{{"order with id", usualOrder}, {"order", orderOfNoOne}} {
		b.Run(one.name, func(b *testing.B) { each(b, one.payload, func(r record.Record) parsed { return order(&o, p, r) }) })
	}
}

func each(b *testing.B, payload string, read func(record.Record) parsed) {
	r := of(payload)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		if read(r).reason != "" {
			b.Fatal("malformed")
		}
	}
}
