package nearmiss

import (
	"testing"

	"adtoorder/transforms/ledger"
)

func BenchmarkLook(b *testing.B) {
	for _, one := range []struct{ name, stream, payload string }{
		{"click", ledger.Clicks, `{"UserId":"U1025","Device":"desktop","Event":"P603","EventType":"Promotion",` +
			`"Timestamp":"2026-11-01T18:00:01.020Z"}`},
		{"order", ledger.Orders, `{"OrderId":"O100001","UserId":"U6165","Timestamp":"2026-11-01T18:00:17.906Z",` +
			`"OrderLines":[{"ItemId":"I250","Promotion":"P606","UnitPrice":99.48,"Quantity":2}]}`},
	} {
		b.Run(one.name, func(b *testing.B) {
			f := New(one.stream)
			for b.Loop() {
				f.look([]byte(one.payload), false)
			}
		})
	}
}
