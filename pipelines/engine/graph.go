package engine

import (
	"slices"

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

	w := writer{s: s, o: o, lateness: lateness}
	write[ClickRow](&w, clicksDataset, clicksTable, beam.ParDo(s, clickRows, rows))
	write[OrderRow](&w, ordersDataset, ordersTable, beam.ParDo(s, orderRows, rows))
	write[ConversionRow](&w, conversionsDataset, conversionsTable, beam.ParDo(s, conversionRows, rows))
	write[LedgerRow](&w, ledgerDataset, ledgerTable, beam.Flatten(s.Scope("Ledger"),
		beam.ParDo(s, bookedRows, rows), beam.ParDo(s, ledgerRows, booked)))
	if progress := slices.Concat(clicksRead.progress, ordersRead.progress); len(progress) > 0 {
		s := s.Scope("Progress")
		upsert[ProgressRow](s, &w, progressTable, beam.Flatten(s, progress...))
	}
	rejects := beam.ParDo(s, rejectRows, beam.Flatten(s.Scope("Rejects"), clicks.Rejects, orders.Rejects))
	write[RejectRow](&w, rejectsDataset, rejectsTable, beam.Flatten(s.Scope("AllRejects"), append(w.refusedRows(), rejects)...))
	w.end()
}
