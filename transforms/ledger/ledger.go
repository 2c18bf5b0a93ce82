// Package ledger keeps the books: every record that was read ends in exactly
// one outcome, so that for either stream and run
//
//	read = counted + not_promotion + filtered + duplicate + too_late + before_start + malformed
//
// It adds up PCollection<KV<stream, Bookings>>, from the sources' counts and from package
// event, to PCollection<[]Row>. What is counted or a duplicate is known to package
// conversion alone; pipelines/engine puts all of it into one table.
package ledger

import (
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Bookings]())
	beam.RegisterCoder(reflect.TypeFor[Bookings](), encodeBookings, decodeBookings)
	beam.RegisterType(reflect.TypeFor[Row]())
	beam.RegisterType(reflect.TypeFor[Booking]())
	beam.RegisterType(reflect.TypeFor[Place]())
}

// The streams.
const (
	Clicks = "clicks"
	Orders = "orders"
)

// The outcomes of a record; Read is not one of them but their sum.
const (
	Read         = "read"          // counted where the source emits
	Malformed    = "malformed"     // with a reason
	NotPromotion = "not_promotion" // a click of another type, an order of no promotion
	Filtered     = "filtered"      // a map leaves it out, for a reason that it names
	TooLate      = "too_late"      // its window had expired when it was read
	BeforeStart  = "before_start"  // its window begins before --start, and may lack records, or before --forget_before
	Duplicate    = "duplicate"     // its id came before in its window and promotion
	Counted      = "counted"       // it is in the result
)

// Outcomes lists Read and the outcomes, as a balance sheet does.
var Outcomes = []string{Read, Counted, NotPromotion, Filtered, Duplicate, TooLate, BeforeStart, Malformed}

// Entry is what records are counted by.
type Entry struct {
	Stream  string
	Outcome string
	Reason  string // why a record is malformed or filtered, otherwise ""
}

// Booking is a partial count of records.
type Booking struct {
	Window int64 // start, milliseconds since the Unix epoch
	Entry
	Records int64
}

// Bookings are partial counts of one group of windows.
type Bookings struct{ Counts []Booking }

// Row is a line of the ledger: so many records, booked in a window.
type Row struct {
	WindowStart int64 // milliseconds since the Unix epoch
	Entry
	Promotion string // for Counted and Duplicate, otherwise ""
	Records   int64  // cumulative: a later row of the same key replaces it by max
}
