package engine

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"adtoorder/io/table"
	"adtoorder/transforms/conversion"
)

// The tables, and the datasets that hold the same rows as files.
const (
	clicksTable      = "clicks"
	ordersTable      = "orders"
	conversionsTable = "conversions"
	ledgerTable      = "ledger"
	rejectsTable     = "rejects"

	clicksDataset      = "click-stream"
	ordersDataset      = "order-stream"
	conversionsDataset = "conversions"
	ledgerDataset      = "ledger"
	rejectsDataset     = "rejects"
)

// Window says of which window and promotion a row is.
type Window struct {
	WindowStart table.Time `json:"window_start" parquet:"window_start,timestamp(millisecond)" table:"key"`
	WindowEnd   table.Time `json:"window_end" parquet:"window_end,timestamp(millisecond)"`
	Promotion   string     `json:"promotion" parquet:"promotion" table:"key,lead"`
}

func windowOf(r conversion.Row) Window {
	return Window{table.Time(r.WindowStart), table.Time(r.WindowEnd), r.Promotion}
}

// ClickRow counts the clicks on a promotion in a window.
type ClickRow struct {
	Window
	conversion.ClickCounters
}

// OrderRow counts the orders of a promotion in a window.
type OrderRow struct {
	Window
	conversion.OrderCounters
}

// ConversionRow joins both, with the ratio in percent and its interval.
type ConversionRow struct {
	Window
	conversion.Counters
	Ratio     *float64 `json:"conversion_ratio" parquet:"conversion_ratio" table:"derived"`
	RatioLow  *float64 `json:"ratio_low" parquet:"ratio_low" table:"derived"`
	RatioHigh *float64 `json:"ratio_high" parquet:"ratio_high" table:"derived"`
}

// Derive computes the ratio and its interval from the counters.
func (r *ConversionRow) Derive() {
	r.Ratio = conversion.Ratio(r.Clicks, r.Orders)
	r.RatioLow, r.RatioHigh = conversion.Interval(r.Clicks, r.Orders)
}

// LedgerRow says how many records were booked in a window.
type LedgerRow struct {
	WindowStart table.Time `json:"window_start" parquet:"window_start,timestamp(millisecond)" table:"key"`
	Stream      string     `json:"stream" parquet:"stream" table:"key"`
	Outcome     string     `json:"outcome" parquet:"outcome" table:"key"`
	Reason      string     `json:"reason" parquet:"reason" table:"key"`
	Promotion   string     `json:"promotion" parquet:"promotion" table:"key,lead"`
	Records     int64      `json:"records" parquet:"records" table:"max"`
}

// RejectRow is a record that could not be used.
type RejectRow struct {
	Stream   string      `json:"stream" parquet:"stream" table:"key"`
	Source   string      `json:"source" parquet:"source" table:"key"`
	Position string      `json:"position" parquet:"position" table:"key"`
	Time     table.Time  `json:"time" parquet:"time,timestamp(millisecond)"`
	Outcome  string      `json:"outcome" parquet:"outcome"`
	Reason   string      `json:"reason" parquet:"reason"`
	Payload  table.Bytes `json:"payload" parquet:"payload"`
	Cut      bool        `json:"cut" parquet:"cut"`
	// Withheld says in place of what the payload is not there, Whole for nothing. It only
	// grows, like a counter: what was taken out stays out when a row that has it comes again.
	Withheld int64 `json:"withheld" parquet:"withheld" table:"max"`
}

// What Withheld says of a payload.
const (
	Whole  int64 = iota // as it was read, at most record.MaxKept bytes
	Hashed              // "sha256:" and the hash in hexadecimal digits, so that equal ones are found
	NotKept
	Erased // afterwards
)

// Derive takes the payload out, as far as Withheld says.
func (r *RejectRow) Derive() {
	switch {
	case r.Withheld == Hashed && !isHash(r.Payload):
		r.Payload = fmt.Appendf(nil, "%s%x", hashPrefix, sha256.Sum256(r.Payload))
	case r.Withheld > Hashed:
		r.Payload = table.Bytes{}
	}
}

const hashPrefix = "sha256:"

func isHash(payload table.Bytes) bool {
	return bytes.HasPrefix(payload, []byte(hashPrefix)) && len(payload) == len(hashPrefix)+2*sha256.Size
}
