package event

import (
	"fmt"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/testenv"
	"adtoorder/io/window"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// of returns a record of a payload.
func of(payload string) record.Record {
	return record.Record{Payload: []byte(payload), Size: int64(len(payload))}
}

// minutes are windows of a minute.
var minutes = window.Policy{Size: time.Minute}

// start0 is 2026-11-01T00:00:00Z.
const start0 = 1793491200000

// click and order parse a record with a parser. The scanner, which may read it first,
// must find the same.
func click(p *parser, r record.Record) (c Click, promotion bool, reason string) {
	result := c.parse(p, r)
	mustAgree(scannedClick(p, r), readAs{result, c, Order{}}, r)
	return c, result.promotion, result.reason
}

func order(p *parser, r record.Record) (o Order, promotion bool, reason string) {
	result := o.parse(p, r)
	mustAgree(scannedOrder(p, r), readAs{result, Click{}, o}, r)
	return o, result.promotion, result.reason
}

// mustReadAs fails where a parser reads a payload as another click than the oracle does, or
// as another order; it returns the reasons.
func mustReadAs(t *testing.T, p *parser, ofClick, ofOrder []byte) (clickReason, orderReason string) {
	t.Helper()
	var c Click
	wantClick, want := clickWant(ofClick)
	got := c.parse(p, of(string(ofClick)))
	require.Equal(t, want, got, "%q", ofClick)
	c, _, clickReason = click(p, of(string(ofClick)))
	require.Equal(t, wantClick, c, "%q", ofClick)

	var o Order
	wantOrder, want := orderWant(ofOrder)
	got = o.parse(p, of(string(ofOrder)))
	require.Equal(t, want, got, "%q", ofOrder)
	o, _, orderReason = order(p, of(string(ofOrder)))
	require.Equal(t, wantOrder.Time, o.Time, "%q", ofOrder)
	if orderReason == "" {
		require.Equal(t, wantOrder, o, "%q", ofOrder)
	}
	return clickReason, orderReason
}

// readAs is what was made of a record: an event, if it is about a promotion.
type readAs struct {
	parsed
	click Click
	order Order
}

// scannedClick and scannedOrder scan a record; nil if it isn't usual.
func scannedClick(p *parser, r record.Record) *readAs {
	var c Click
	if result, usual := c.scan(p, &r); usual {
		return &readAs{result, c, Order{}}
	}
	return nil
}

func scannedOrder(p *parser, r record.Record) *readAs {
	var o Order
	if result, usual := o.scan(p, &r); usual {
		return &readAs{result, Click{}, o}
	}
	return nil
}

// mustAgree ends the tests where the scanner took a record and read another thing.
func mustAgree(scanned *readAs, want readAs, r record.Record) {
	if scanned != nil && !assert.ObjectsAreEqual(want, *scanned) {
		panic(fmt.Sprintf("the scanner read %+v and the parser %+v: %q", *scanned, want, r.Payload))
	}
}
