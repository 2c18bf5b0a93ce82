package engine

import (
	"context"
	"fmt"
	"slices"

	"adtoorder/pipelines/portable"
	"adtoorder/transforms/conversion"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
)

// Build adds the whole flow to a graph. Options must be valid.
//
//	clicks ─ read ─ count ─┐
//	                       ├─ join on promotion ─ files and tables
//	orders ─ read ─ count ─┘
//
// Steps have names of their own, which don't depend on what else is in the graph:
// a running job is updated by them (see Names).
//
// What can't be decoded, comes too late or is refused by the warehouse is a dead
// letter and goes to rejects, with some samples of what is not about a promotion; every
// record goes on the ledger, and how far unbounded sources were read to the table progress.
func Build(s beam.Scope, o Options) { build(s, o, o.Start) }

// build is Build where unbounded sources begin at another time than windows do.
func build(s beam.Scope, o Options, startMillis int64) {
	windows := o.Windows()

	clicksRead := read(s, o, stream{ledger.Clicks, o.Clicks}, startMillis)
	ordersRead := read(s, o, stream{ledger.Orders, o.Orders}, startMillis)
	clicks := conversion.CountClicks(s, windows, o.ReadClicks, clicksRead.records)
	orders := conversion.CountOrders(s, windows, o.ReadOrders, ordersRead.records)

	rows := conversion.Join(s, windows, clicks.Partials, orders.Partials)
	bookings := []beam.PCollection{
		ledger.BookRead(s, windows, ledger.Clicks, clicksRead.counts), clicks.Bookings,
		ledger.BookRead(s, windows, ledger.Orders, ordersRead.counts), orders.Bookings}
	if len(o.stretch.booked) > 0 {
		bookings = append(bookings, ledger.Book(s, windows, beam.CreateList(s, o.stretch.booked)))
	}
	booked := ledger.Sum(s, windows, bookings...)
	onLedger := beam.Flatten(s.Scope("Ledger"), beam.ParDo(s, bookedRows, rows), beam.ParDo(s, ledgerRows, booked))

	results := written{}.and(
		write[ClickRow](s, o, clicksDataset, clicksTable, beam.ParDo(s, clickRows, rows)),
		write[OrderRow](s, o, ordersDataset, ordersTable, beam.ParDo(s, orderRows, rows)),
		write[ConversionRow](s, o, conversionsDataset, conversionsTable, beam.ParDo(s, conversionRows, rows)),
		write[LedgerRow](s, o, ledgerDataset, ledgerTable, onLedger),
		writeProgress(s, o, slices.Concat(clicksRead.progress, ordersRead.progress)))
	if !o.Live() {
		results.files = append(results.files, notePlaces(s, o, booked))
	}

	// What the warehouse refuses of rejects is in the lake, and was told of.
	end(s, results.and(writeRejects(s, o, results.refused, clicks.Rejects, orders.Rejects)))
}

// writeProgress upserts PCollections of table.Batch[ProgressRow], if there are any.
func writeProgress(s beam.Scope, o Options, progress []beam.PCollection) written {
	if len(progress) == 0 {
		return written{}
	}
	s = s.Scope("Progress")
	return upsert[ProgressRow](s, o, progressTable, beam.Flatten(s, progress...))
}

// Names returns the names of all steps of the graph, in alphabetical order. A
// runner that updates a running job to a new version gives each step the state
// of the one that had its name.
func Names(ctx context.Context, o Options) ([]string, error) {
	p, s := beam.NewPipelineWithRoot()
	Build(s, o)
	model, err := portable.Model(ctx, p, portable.Environment{URN: graphx.URNEnvDocker})
	if err != nil {
		return nil, fmt.Errorf("building the graph: %w", err)
	}
	var names []string
	for _, step := range model.Components.Transforms {
		names = append(names, step.UniqueName)
	}
	slices.Sort(names)
	return names, nil
}
