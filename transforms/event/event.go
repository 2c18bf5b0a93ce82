// Package event turns raw records into clicks and orders: see Decoder.
//
// What can't be an event, or comes too late, becomes a reject with a reason, and a line
// of the ledger; nothing disappears. Package conversion decodes both streams with it,
// and counts their events.
package event

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"reflect"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Click]())
	beam.RegisterType(reflect.TypeFor[Order]())
	beam.RegisterType(reflect.TypeFor[Part]())
	beam.RegisterType(reflect.TypeFor[Reject]())
}

// ID identifies a record: a 128-bit hash of its EventId or OrderId. The hash is
// a cryptographic one, so that no producer can make two ids collide. The zero
// ID stands for no id: such a record can't be told from another.
type ID struct{ High, Low uint64 }

// NewID returns the ID of an EventId or OrderId; the zero ID for "".
func NewID(id []byte) ID {
	if len(id) == 0 {
		return ID{}
	}
	sum := sha256.Sum256(id)
	return ID{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])}
}

// identify returns the ID of a record whose payload has the id, or nil. A record
// without one is identified by its position where the source may give it again
// (record.Record.Repeats). No payload's id equals that: those are UTF-8.
func identify(id []byte, r record.Record) ID {
	if len(id) > 0 || !r.Repeats {
		return NewID(id)
	}
	return NewID([]byte("\xff" + r.Source + "\xff" + r.Position()))
}

// Compare orders IDs.
func (id ID) Compare(other ID) int {
	return cmp.Or(cmp.Compare(id.High, other.High), cmp.Compare(id.Low, other.Low))
}

// Click is a click on a promotion.
type Click struct {
	ID        ID
	Time      int64 // event time, milliseconds since the Unix epoch
	Late      bool  // its window had ended by the source's own watermark
	Promotion string
}

// Order is an order with at least one line of a promotion.
type Order struct {
	ID    ID
	Time  int64  // event time, milliseconds since the Unix epoch
	Late  bool   // its window had ended by the source's own watermark
	Parts []Part // one a promotion, ordered by promotion
}

// Part is what an order holds of one promotion.
type Part struct {
	Promotion string
	Amounts
}

// Reject is a record that could not be used.
type Reject struct {
	Stream   string
	Source   string
	Position string // in the source
	Offset   int64  // the position as a number, to tell near rejects from far ones
	Time     int64  // when it is accounted for, milliseconds since the Unix epoch
	Outcome  string
	Reason   string
	Payload  []byte // at most record.MaxKept bytes
	Cut      bool   // the record was longer than its payload
	Rank     uint64 // of a sample, among others
}

// Reasons why a record is malformed, in the order in which they are looked for.
const (
	TooLong       = "too_long"        // over record.MaxSize
	InvalidUTF8   = "invalid_utf8"    //
	NotJSONObject = "not_json_object" // no JSON, or a JSON value of another type
	WrongType     = "wrong_type"      // and ": Timestamp", say: a field has another type than it should
	NoTimestamp   = "no_timestamp"    // absent or empty
	BadTimestamp  = "bad_timestamp"   // no time that can be told: see eventTime
	BadYear       = "year_range"      // outside 1970 to 9999, in UTC
	NoEvent       = "no_event"        // a promotion click that does not say which
	NoOrderLines  = "no_order_lines"  // no OrderLines array
	BadQuantity   = "bad_quantity"    // of a line of a promotion: absent, no number, negative or not integral
	BadUnitPrice  = "bad_unit_price"  // of a line of a promotion: absent, no number or negative
	Future        = "future"          // of a live record: more than a day past the broker's time
	Overflow      = "overflow"        // an amount that 64 bits of micros can't hold
)
