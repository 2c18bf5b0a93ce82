package event

import (
	"testing"

	"adtoorder/io/record"
	"adtoorder/transforms/mapping"

	"github.com/stretchr/testify/require"
)

// What Segment's records usually look like.
const (
	segmentClick = `{"context":{"library":{"name":"analytics.js"},"page":{"path":"/","url":"https://shop.example/"}},` +
		`"type":"track","messageId":"ec540a11","originalTimestamp":"2026-11-01T18:00:01.020Z",` +
		`"sentAt":"2026-11-01T18:00:02.296Z","receivedAt":"2026-11-01T18:00:02.500Z",` +
		`"timestamp":"2026-11-01T18:00:01.020Z","anonymousId":"0000","userId":"12345","event":"Promotion Clicked",` +
		`"properties":{"promotion_id":"PROMO_1234","creative":"summer_banner2","name":"my product","position":"slot1"}}`
	segmentOrder = `{"type":"track","messageId":"o0","timestamp":"2026-11-01T18:00:17.906Z","userId":"12345",` +
		`"event":"Order Completed","properties":{"order_id":"50","total":27.5,"currency":"USD","products":[` +
		`{"product_id":"507f","sku":"45790-32","price":19,"quantity":1,"coupon":"PROMO_1234"},` +
		`{"product_id":"505b","price":"8.50","quantity":"1"}]}}`
)

// readingOf reads a stream by a preset or a file.
func readingOf(t testing.TB, name, stream string) Reading {
	t.Helper()
	text, err := mapping.Read(name, stream)
	require.NoError(t, err)
	return Reading{Map: text}
}

// BenchmarkMapped compares records of Segment, by its preset, with our own: see B/s.
func BenchmarkMapped(b *testing.B) {
	own, mapped := NewClicks(minutes), NewClicks(minutes)
	ownOrders, mappedOrders := NewOrders(minutes), NewOrders(minutes)
	require.NoError(b, mapped.ReadBy(readingOf(b, "segment", mapping.Clicks)))
	require.NoError(b, mappedOrders.ReadBy(readingOf(b, "segment", mapping.Orders)))
	reject := func(r Reject) { b.Fatal(r.Reason) }
	read := 0
	click, order := func(*Click) { read++ }, func(*Order) { read++ }
	for _, one := range []struct {
		name, payload string
		decode        func([]record.Record)
	}{
		{"own click", clickWithID, func(batch []record.Record) { own.Decode(batch, click, reject) }},
		{"click", segmentClick, func(batch []record.Record) { mapped.Decode(batch, click, reject) }},
		{"own order", usualOrder, func(batch []record.Record) { ownOrders.Decode(batch, order, reject) }},
		{"order", segmentOrder, func(batch []record.Record) { mappedOrders.Decode(batch, order, reject) }},
	} {
		b.Run(one.name, func(b *testing.B) {
			batch := []record.Record{of(one.payload)}
			each(b, one.payload, func(*record.Record) bool {
				one.decode(batch)
				return read > 0
			})
		})
	}
}
