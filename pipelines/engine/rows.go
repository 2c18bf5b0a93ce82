package engine

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"strconv"

	"adtoorder/io/lake"
	"adtoorder/io/progress"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/transforms/conversion"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	registerRows[ClickRow]()
	registerRows[OrderRow]()
	registerRows[ConversionRow]()
	registerRows[LedgerRow]()
	registerRows[RejectRow]()
	register.Function2x0(clickRows)
	register.Function2x0(orderRows)
	register.Function2x0(conversionRows)
	register.Function2x0(ledgerRows)
	register.Function2x0(bookedRows)
	register.Function2x0(rejectRows)
	register.Function3x0(refusedRows)
}

// registerRows registers a type of rows for its conversion and both sinks.
func registerRows[T any]() {
	beam.RegisterType(reflect.TypeFor[T]())
	register.Emitter2[string, T]()
	lake.Register[T]()
	warehouse.Register[T]()
}

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
	Promotion   string     `json:"promotion" parquet:"promotion" table:"key"`
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
	Promotion   string     `json:"promotion" parquet:"promotion" table:"key"`
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

// shards is how many files a window has in the datasets with a row per
// promotion: one is the right size up to 1,000 promotions.
const shards = 1

// shardOf returns the file that a promotion's rows are in, the same in every run.
func shardOf(promotion string) string { return strconv.Itoa(int(hash(promotion) % shards)) }

func hash(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()
}

func clickRows(r conversion.Row, emit func(string, ClickRow)) {
	if r.Clicks > 0 {
		emit(shardOf(r.Promotion), ClickRow{windowOf(r), r.ClickCounters})
	}
}

func orderRows(r conversion.Row, emit func(string, OrderRow)) {
	if r.Orders > 0 {
		emit(shardOf(r.Promotion), OrderRow{windowOf(r), r.OrderCounters})
	}
}

func conversionRows(r conversion.Row, emit func(string, ConversionRow)) {
	row := ConversionRow{Window: windowOf(r), Counters: r.Counters}
	row.Derive()
	emit(shardOf(r.Promotion), row)
}

// bookedRows are the ledger's rows for what the join has counted.
func bookedRows(r conversion.Row, emit func(string, LedgerRow)) {
	for _, b := range []struct {
		stream, outcome string
		records         int64
	}{
		{ledger.Clicks, ledger.Counted, r.Clicks},
		{ledger.Clicks, ledger.Duplicate, r.DuplicateClicks},
		{ledger.Orders, ledger.Counted, r.BookedOrders},
		{ledger.Orders, ledger.Duplicate, r.DuplicateOrders},
	} {
		if b.records > 0 {
			emit(shardOf(r.Promotion), LedgerRow{table.Time(r.WindowStart), b.stream, b.outcome, "", r.Promotion,
				b.records})
		}
	}
}

func ledgerRows(r ledger.Row, emit func(string, LedgerRow)) {
	emit(shardOf(r.Promotion), LedgerRow{table.Time(r.WindowStart), r.Stream, r.Outcome, r.Reason, r.Promotion,
		r.Records})
}

// rejectStretch is how much of a source's positions shares a file of rejects:
// 256 KiB of a file, so that no group of rejects grows with the input.
const rejectStretch = 256 << 10

// refusedRows are the rows that the warehouse refuses, as rejects of a stream
// "warehouse". The lake has them all the same.
func refusedRows(at beam.EventTime, r warehouse.Refused, emit func(string, RejectRow)) {
	emit(fmt.Sprintf("%08x-refused", hash(r.Table)), RejectRow{"warehouse", r.Table, r.Key,
		table.Time(mtime.Time(at).Milliseconds()), "refused", r.Reason, r.Row, false})
}

func rejectRows(r event.Reject, emit func(string, RejectRow)) {
	progress.Rejects.Add(1)
	emit(fmt.Sprintf("%08x-%d", hash(r.Stream+" "+r.Source), r.Offset/rejectStretch),
		RejectRow{r.Stream, r.Source, r.Position,
			table.Time(r.Time), r.Outcome, r.Reason, r.Payload, r.Cut})
}
