package engine

import (
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/warehouse"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// writer gathers what writing gives.
type writer struct {
	s        beam.Scope
	o        Options
	lateness time.Duration
	files    []beam.PCollection // PCollection<string>, the files' names
	refused  []beam.PCollection // PCollection<KV<shard, RejectRow>>, not yet in rejects
}

// write writes PCollection<KV<shard, T>> to the lake and, where there is one, to
// the warehouse.
func write[T any](w *writer, dataset, name string, rows beam.PCollection) {
	s := w.s.Scope("Write." + dataset)
	upsert[T](s, w, name, beam.DropKey(s, rows))
	w.files = append(w.files, lake.Write[T](s, w.o.Lake, dataset, w.o.Window, w.lateness, rows))
}

// upsert writes PCollection<T> to the warehouse, where there is one.
func upsert[T any](s beam.Scope, w *writer, name string, rows beam.PCollection) {
	if w.o.Warehouse != nil {
		refused := warehouse.Upsert[T](s, w.o.Warehouse, tableNamed(name), rows)
		w.refused = append(w.refused, beam.ParDo(s, refusedRows, refused))
	}
}

// refusedRows takes the rows that were refused.
func (w *writer) refusedRows() (rows []beam.PCollection) {
	rows, w.refused = w.refused, nil
	return rows
}

// end has the files' names read. Nobody wants them; but Prism keeps a processor
// busy with waiting for a step without any output (Beam 2.77). What the warehouse
// refuses of rejects is in the lake, and was told of.
func (w *writer) end() { beam.Flatten(w.s.Scope("Written"), w.files...) }
