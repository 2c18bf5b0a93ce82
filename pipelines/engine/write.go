package engine

import (
	"time"

	"adtoorder/io/partitionio"
	"adtoorder/io/warehouseio"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// writer gathers what writing gives.
type writer struct {
	s        beam.Scope
	o        Options
	lateness time.Duration
	files    []beam.PCollection // PCollection<string>, the files' names
	refused  []beam.PCollection // PCollection<warehouseio.Refused>, not yet in rejects
}

// write writes PCollection<KV<shard, T>> to the lake and, where there is one, to
// the warehouse.
func write[T any](w *writer, dataset, name string, rows beam.PCollection) {
	upsert[T](w, name, beam.DropKey(w.s, rows))
	w.files = append(w.files, partitionio.Write[T](w.s, w.o.Lake, dataset, w.o.Window, w.lateness, rows))
}

// upsert writes PCollection<T> to the warehouse, where there is one.
func upsert[T any](w *writer, name string, rows beam.PCollection) {
	if w.o.Warehouse != nil {
		w.refused = append(w.refused, warehouseio.Upsert[T](w.s, w.o.Warehouse, name, rows))
	}
}

// refusedRows takes the rows that were refused: PCollection<KV<shard, RejectRow>>.
func (w *writer) refusedRows() (rows []beam.PCollection) {
	for _, refused := range w.refused {
		rows = append(rows, beam.ParDo(w.s, refusedRows, refused))
	}
	w.refused = nil
	return rows
}

// end has the outputs read that are left. Nobody wants them: what the warehouse
// refuses of rejects is in the lake, and told of. But Prism keeps a processor busy
// with waiting for a step without any output (Beam 2.77).
func (w *writer) end() {
	beam.Flatten(w.s, w.files...)
	for _, refused := range w.refused {
		beam.ParDo(w.s, refusedRows, refused)
	}
}
