package engine

import (
	"adtoorder/io/lake"
	"adtoorder/io/warehouse"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// written is what writing gives.
type written struct {
	files   []beam.PCollection // PCollection<string>, the names of the lake's files
	refused []beam.PCollection // PCollection<KV<shard, table.Batch[RejectRow]>>, rows that the warehouse does not take
}

// and joins what several writers give.
func (w written) and(others ...written) written {
	for _, other := range others {
		w.files = append(w.files, other.files...)
		w.refused = append(w.refused, other.refused...)
	}
	return w
}

// write writes PCollection<KV<shard, table.Batch[T]>> to the lake and, where there is
// one, to the warehouse.
func write[T any](s beam.Scope, o Options, dataset, table string, rows beam.PCollection) written {
	s = s.Scope("Write." + dataset)
	w := upsert[T](s, o, table, beam.DropKey(s, rows))
	w.files = []beam.PCollection{lake.Write[T](s, o.Lake, dataset, o.Windows(), rows)}
	return w
}

// upsert writes PCollection<table.Batch[T]> to the warehouse, where there is one.
func upsert[T any](s beam.Scope, o Options, table string, rows beam.PCollection) (w written) {
	if o.Warehouse != nil {
		refused := warehouse.Upsert[T](s, o.Warehouse, TableNamed(table), rows)
		w.refused = append(w.refused, beam.ParDo(s, refusedRows, refused))
	}
	return w
}

// end has the files' names read. Nobody needs them; but Prism keeps a processor
// busy with waiting for a step without any output (Beam 2.77).
func end(s beam.Scope, w written) { beam.Flatten(s.Scope("Written"), w.files...) }
