package event

import (
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/testenv"
	"adtoorder/io/window"
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

// click and order parse a record with a parser.
func click(p *parser, r record.Record) (c Click, promotion bool, reason string) {
	result := c.parse(p, r)
	return c, result.promotion, result.reason
}

func order(p *parser, r record.Record) (o Order, promotion bool, reason string) {
	result := o.parse(p, r)
	return o, result.promotion, result.reason
}
