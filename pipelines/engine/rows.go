package engine

import (
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
}
