package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"adtoorder/io/table"

	"github.com/stretchr/testify/require"
)

// wide is a row with columns like those of the engine's widest table.
type wide struct {
	Start      table.Time `parquet:"window_start,timestamp(millisecond)" table:"key"`
	End        table.Time `parquet:"window_end,timestamp(millisecond)"`
	Promotion  string     `parquet:"promotion" table:"key"`
	Clicks     int64      `parquet:"clicks" table:"max"`
	LateClicks int64      `parquet:"late_clicks" table:"max"`
	Orders     int64      `parquet:"orders" table:"max"`
	LateOrders int64      `parquet:"late_orders" table:"max"`
	Lines      int64      `parquet:"order_lines" table:"max"`
	Units      int64      `parquet:"units" table:"max"`
	Revenue    int64      `parquet:"revenue_micros" table:"max"`
	Ratio      *float64   `parquet:"conversion_ratio" table:"derived"`
	RatioLow   *float64   `parquet:"ratio_low" table:"derived"`
	RatioHigh  *float64   `parquet:"ratio_high" table:"derived"`
}

// Derive implements table.Deriver.
func (r *wide) Derive() {
	ratio := 100 * float64(r.Orders) / float64(r.Clicks)
	low, high := 0.9*ratio, 1.1*ratio
	r.Ratio, r.RatioLow, r.RatioHigh = &ratio, &low, &high
}

var wideTable = table.Of[wide]("wide", "window_start")

const batch = 20_000 // rows, as warehouse.Upsert writes them

// wideRows returns a batch in the order of keys. A larger version has larger counters.
func wideRows(first, promotions, version int) []wide {
	rows := make([]wide, batch)
	for i := range rows {
		n := first + i
		start := table.Time(start0 + n/promotions*60_000)
		rows[i] = wide{Start: start, End: start + 60_000, Promotion: fmt.Sprintf("P%05d", n%promotions),
			Clicks: int64(1000 + n%777 + version), LateClicks: 3, Orders: int64(20 + n%33), LateOrders: 1,
			Lines: int64(60 + n%33), Units: 99, Revenue: int64(29_990_000 * (1 + n%999))}
		rows[i].Derive()
	}
	return rows
}

// write is one way to write a batch.
type write func(b *testing.B, w Warehouse, rows []wide)

func upserts(b *testing.B, w Warehouse, rows []wide) {
	_, err := w.Write(b.Context(), wideTable, table.Rows(rows))
	require.NoError(b, err)
}

// inserts is what a program would do at least: values that are ready, inserted in the
// order of keys by a prepared statement, in one transaction.
func inserts(b *testing.B, w Warehouse, rows []wide) {
	b.StopTimer()
	values := make([][]any, len(rows))
	for i := range rows {
		values[i] = ready(wideTable.Columns, &rows[i])
	}
	b.StartTimer()
	db, err := w.DB()
	require.NoError(b, err)
	tx, err := db.Begin()
	require.NoError(b, err)
	insert, err := tx.Prepare("INSERT INTO wide VALUES (?" + strings.Repeat(", ?", len(wideTable.Columns)-1) + ")")
	require.NoError(b, err)
	for _, row := range values {
		_, err := insert.Exec(row...)
		require.NoError(b, err)
	}
	require.NoError(b, insert.Close())
	require.NoError(b, tx.Commit())
}

// ready returns a row's values as SQLite has them.
func ready(columns []table.Column, row any) []any {
	values := table.Values(columns, row)
	for i, v := range values {
		switch v := v.(type) {
		case table.Time:
			values[i] = v.String()
		case *float64:
			values[i] = *v
		}
	}
	return values
}

// BenchmarkWrite tells the time per row. Its upserts should take at most twice its
// inserts.
func BenchmarkWrite(b *testing.B) {
	for _, promotions := range []int{40, 1000} {
		for _, each := range []struct {
			name   string
			write  write
			before int // the version of the rows that are there already, above 0
			now    int
		}{
			{"insert", inserts, 0, 1},
			{"new", upserts, 0, 1},
			{"again", upserts, 1, 1},
			{"larger", upserts, 1, 2},
			{"smaller", upserts, 2, 1},
		} {
			b.Run(fmt.Sprintf("promotions=%d/%s", promotions, each.name), func(b *testing.B) {
				benchmarkWrite(b, promotions, each.before, each.now, each.write)
			})
		}
	}
}

func benchmarkWrite(b *testing.B, promotions, before, now int, write write) {
	const batches = 15
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w := Warehouse{b.TempDir() + "/w.db"}
		require.NoError(b, w.Create(b.Context(), []table.Table{wideTable}, noViews))
		for i := 0; i < batches && before > 0; i++ {
			upserts(b, w, wideRows(i*batch, promotions, before))
		}
		b.StartTimer()
		for i := range batches {
			b.StopTimer()
			rows := wideRows(i*batch, promotions, now)
			b.StartTimer()
			write(b, w, rows)
		}
		b.StopTimer()
		require.NoError(b, w.Close())
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*batches*batch), "µs/row")
}
