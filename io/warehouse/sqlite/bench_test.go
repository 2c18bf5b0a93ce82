package sqlite

import (
	"fmt"
	"testing"

	"adtoorder/io/table"
)

func BenchmarkWrite(b *testing.B) {
	w := Warehouse{b.TempDir() + "/w.db"}
	defer w.Close()
	if err := w.Create(ctx, tables[:1], noViews); err != nil {
		b.Fatal(err)
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		rows := make([]row, 2000)
		for i := range rows {
			rows[i] = rowOf(table.Time(n/2*60_000), fmt.Sprint("P", (i*7919)%2000), int64(n), 1)
		}
		if err := upsert(w, "rows", rows); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
