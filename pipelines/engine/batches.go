package engine

import (
	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/transforms/conversion"
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
}

// registerRows registers a type of rows for its conversion and both sinks.
func registerRows[T any]() {
	register.Emitter2[string, table.Batch[T]]()
	register.Emitter3[beam.EventTime, string, table.Batch[T]]()
	lake.Register[T]()
	warehouse.Register[T]()
}

// shard is the file of a partition that rows are in: one is the right size up to
// 1,000 promotions.
const shard = "0"

// The functions below make rows of one partition, as batches for both sinks.

// emitBatch emits rows, if there are any, at the start of a window of their partition.
func emitBatch[T any](start table.Time, rows []T, emit func(beam.EventTime, string, table.Batch[T])) {
	if len(rows) > 0 {
		emit(mtime.FromMilliseconds(int64(start)), shard, table.Batch[T]{Rows: rows})
	}
}

func clickRows(rows []conversion.Row, emit func(beam.EventTime, string, table.Batch[ClickRow])) {
	var made []ClickRow
	for _, r := range rows {
		if r.Clicks > 0 {
			made = append(made, ClickRow{windowOf(r), r.ClickCounters})
		}
	}
	emitBatch(table.Time(rows[0].WindowStart), made, emit)
}

func orderRows(rows []conversion.Row, emit func(beam.EventTime, string, table.Batch[OrderRow])) {
	var made []OrderRow
	for _, r := range rows {
		if r.Orders > 0 {
			made = append(made, OrderRow{windowOf(r), r.OrderCounters})
		}
	}
	emitBatch(table.Time(rows[0].WindowStart), made, emit)
}

func conversionRows(rows []conversion.Row, emit func(beam.EventTime, string, table.Batch[ConversionRow])) {
	made := make([]ConversionRow, len(rows))
	for i, r := range rows {
		made[i] = ConversionRow{Window: windowOf(r), Counters: r.Counters}
		made[i].Derive()
	}
	emitBatch(table.Time(rows[0].WindowStart), made, emit)
}

// bookedRows are the ledger's rows for what the join has counted.
func bookedRows(rows []conversion.Row, emit func(beam.EventTime, string, table.Batch[LedgerRow])) {
	made := make([]LedgerRow, 0, 2*len(rows))
	for _, r := range rows {
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
				made = append(made, LedgerRow{table.Time(r.WindowStart), b.stream, b.outcome, "", r.Promotion,
					b.records})
			}
		}
	}
	emitBatch(table.Time(rows[0].WindowStart), made, emit)
}

func ledgerRows(rows []ledger.Row, emit func(beam.EventTime, string, table.Batch[LedgerRow])) {
	made := make([]LedgerRow, 0, len(rows))
	for _, r := range rows {
		if _, place := r.Place(); !place {
			made = append(made, LedgerRow{table.Time(r.WindowStart), r.Stream, r.Outcome, r.Reason, r.Promotion,
				r.Records})
		}
	}
	if len(made) > 0 {
		emitBatch(made[0].WindowStart, made, emit)
	}
}
