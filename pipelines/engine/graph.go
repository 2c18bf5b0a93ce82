package engine

import (
	"slices"
	"time"

	"adtoorder/io/partitionio"
	"adtoorder/io/warehouseio"
	"adtoorder/transforms/conversion"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Build adds the whole flow to a graph. Options must be valid.
//
//	clicks ─ read ─ decode ─ tally ─┐
//	                                ├─ join on promotion ─ files and tables
//	orders ─ read ─ decode ─ tally ─┘
//
// Steps have names of their own, which don't depend on what else is in the graph:
// a running job is updated by them (see Names).
//
// What can't be decoded or comes too late goes to rejects, every record on the
// ledger, and how far live sources were read to the table progress.
func Build(s beam.Scope, o Options) {
	size, lateness := o.Window, o.lateness()
	windows := event.Windows{Size: size, AllowedLateness: lateness, Start: o.Start}

	clicksRead, ordersRead := read(s, o, stream{ledger.Clicks, o.Clicks}), read(s, o, stream{ledger.Orders, o.Orders})
	clicks := event.DecodeClicks(s, windows, clicksRead.records)
	orders := event.DecodeOrders(s, windows, ordersRead.records)

	rows := conversion.Join(s, size, lateness,
		conversion.TallyClicks(s, size, clicks.Events),
		conversion.TallyOrders(s, size, orders.Events))
	booked := ledger.Sum(s, size, lateness,
		ledger.BookRead(s, ledger.Clicks, clicksRead.counts), clicks.Bookings,
		ledger.BookRead(s, ledger.Orders, ordersRead.counts), orders.Bookings)

	// The files' names are read by nobody: but Prism keeps a processor busy with
	// waiting for a step without any output (Beam 2.77).
	beam.Flatten(s.Scope("Written"),
		write[ClickRow](s, o, lateness, clicksDataset, clicksTable, beam.ParDo(s, clickRows, rows)),
		write[OrderRow](s, o, lateness, ordersDataset, ordersTable, beam.ParDo(s, orderRows, rows)),
		write[ConversionRow](s, o, lateness, conversionsDataset, conversionsTable, beam.ParDo(s, conversionRows, rows)),
		write[LedgerRow](s, o, lateness, ledgerDataset, ledgerTable, beam.Flatten(s.Scope("Ledger"),
			beam.ParDo(s, bookedRows, rows), beam.ParDo(s, ledgerRows, booked))),
		write[RejectRow](s, o, lateness, rejectsDataset, rejectsTable,
			beam.ParDo(s, rejectRows, beam.Flatten(s.Scope("Rejects"), clicks.Rejects, orders.Rejects))))
	if progress := slices.Concat(clicksRead.progress, ordersRead.progress); len(progress) > 0 && o.Warehouse != nil {
		warehouseio.Upsert[ProgressRow](s, *o.Warehouse, progressTable, beam.Flatten(s.Scope("Progress"), progress...))
	}
}

// write writes PCollection<KV<shard, T>> to the lake and, where there is one, to
// the warehouse, and returns the names of the lake's files.
func write[T any](s beam.Scope, o Options, lateness time.Duration, dataset, name string, rows beam.PCollection) beam.PCollection {
	s = s.Scope("Write." + dataset)
	if o.Warehouse != nil {
		warehouseio.Upsert[T](s, *o.Warehouse, name, beam.DropKey(s, rows))
	}
	return partitionio.Write[T](s, o.Lake, dataset, o.Window, lateness, rows)
}
