//go:build integration

package scenarios

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/bigquery/bigquerytest"
	"adtoorder/io/warehouse/warehousetest"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// beyond is the first instant that BigQuery's time does not reach.
const beyond = table.Time(253402300800000)

// The engine into BigQuery, against the oracle and against SQLite.
func TestBigQueryGetsTheOraclesRows(t *testing.T) {
	server := bigquerytest.Start(t)
	done := 0
	for seed := uint64(0); done < 3; seed++ {
		random := rand.New(rand.NewPCG(seed, 2))
		dir := t.TempDir()
		window := []time.Duration{time.Minute, time.Hour}[random.IntN(2)]
		want := expect(window, randomFiles(t, random, dir, window))
		if slices.ContainsFunc(want.Conversions, func(r engine.ConversionRow) bool { return r.WindowEnd >= beyond }) ||
			len(want.Conversions) == 0 {
			continue // such a row is refused
		}
		runner := engine.Embedded[done%2]
		f, small := place(t, runner), place(t, runner)
		for _, f := range []*engine.Flags{&f, &small} {
			f.Clicks, f.Orders, f.Window = []string{dir + "/clicks*"}, []string{dir + "/orders*"}, window.String()
		}
		f.Warehouse = server.URI("project-1", fmt.Sprint("seed_", seed))
		_, err := start(t, small)
		require.NoError(t, err)
		alone := f
		alone.Orders = nil
		for _, f := range []engine.Flags{alone, f} { // the second one appends the first one's rows again
			_, err := start(t, f)
			require.NoError(t, err)
		}
		assertRows(t, runner, want, inBigQuery(t, f))
		assert.Equal(t, views(t, small.Warehouse), views(t, f.Warehouse), "seed %d", seed)
		done++
	}
}

func TestReplaceInBigQuery(t *testing.T) {
	server := bigquerytest.Start(t)
	dir := t.TempDir()
	f := day(t, place(t, "direct"), dir, "2026-11-01", 10)
	small := f
	small.Lake = t.TempDir()
	f.Warehouse = server.URI("project-1", "d")
	for _, f := range []engine.Flags{f, small} {
		for _, minutes := range []int{10, 2} {
			f := day(t, f, dir, "2026-11-01", minutes)
			f.Replace = minutes == 2
			_, err := start(t, f)
			require.NoError(t, err)
		}
	}
	assert.Equal(t, inWarehouse(t, small), inBigQuery(t, f))
	other := day(t, f, dir, "2026-11-02", 3)
	other.Lake = t.TempDir()
	_, err := start(t, other)
	assert.ErrorContains(t, err, "--warehouse="+f.Warehouse+": has rows from "+dir+"/clicks-2026-11-01, which --lake")
}

// Days that are given one by one, the second before the first, leave in BigQuery what one
// run over all leaves in SQLite; so does a date before which windows are forgotten.
func TestDailyFilesInBigQuery(t *testing.T) {
	server := bigquerytest.Start(t)
	dir := t.TempDir()
	days := tenDays(t, rand.New(rand.NewPCG(1, 6)), dir)
	whole, f := place(t, "direct"), place(t, "direct")
	f.Warehouse = server.URI("project-1", "d")
	for _, i := range []int{1, 0, 2} {
		whole.Clicks, whole.Orders = append(whole.Clicks, days[i][0]), append(whole.Orders, days[i][1])
		f.Clicks, f.Orders = days[i][:1], days[i][1:]
		for range 2 {
			_, err := start(t, f)
			require.NoError(t, err)
		}
	}
	whole.Clicks, whole.Orders = whole.Clicks[1:], whole.Orders[1:] // but for the sample
	_, err := start(t, whole)
	require.NoError(t, err)
	assert.Equal(t, inWarehouse(t, whole), inBigQuery(t, f))

	for _, f := range []*engine.Flags{&whole, &f} {
		f.Clicks, f.Orders, f.ForgetBefore = nil, nil, "2026-11-02"
		_, err := start(t, *f)
		require.NoError(t, err)
	}
	assert.Equal(t, inWarehouse(t, whole), inBigQuery(t, f))
}

// inBigQuery reads what flags' dataset holds.
func inBigQuery(t *testing.T, f engine.Flags) results {
	t.Helper()
	w, err := warehouse.Open(f.Warehouse)
	require.NoError(t, err)
	defer w.Close()
	return results{selected[engine.ClickRow](t, w, "clicks"), selected[engine.OrderRow](t, w, "orders"),
		selected[engine.ConversionRow](t, w, "conversions"),
		selected[engine.LedgerRow](t, w, "ledger"), selected[engine.RejectRow](t, w, "rejects")}
}

func selected[T any](t *testing.T, w warehouse.Warehouse, name string) []T {
	t.Helper()
	rows, err := warehouse.Select[T](t.Context(), w, name, "true")
	require.NoError(t, err)
	slices.SortFunc(rows, func(a, b T) int { return table.Compare(table.Columns[T](), a, b) })
	return append([]T{}, rows...)
}

// views reads the views, and the ratios of merged rows, as text.
func views(t *testing.T, uri string) (lines []string) {
	t.Helper()
	w, err := warehouse.Open(uri)
	require.NoError(t, err)
	defer w.Close()
	for _, v := range []string{"view_clicks_aggregate: date, promotion, clicks",
		"view_orders_aggregate: date, promotion, orders, order_lines, units, revenue_micros",
		"view_conversion_ratio: date, promotion, clicks, orders, conversion_ratio", "conversions: promotion, " +
			"conversion_ratio, ratio_low, ratio_high"} {
		name, columns, _ := strings.Cut(v, ": ")
		from := w.Dialect().Name(name)
		if name == "conversions" {
			from = w.Dialect().Rows(engine.TableNamed(name), "")
		}
		query := "SELECT " + columns + " FROM " + from + " AS v"
		for _, row := range warehousetest.Query(t, w, query, strings.Count(columns, ",")+1) {
			line := name
			for _, value := range row {
				line += " " + shown(value)
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}

// shown is a value as text, whatever the driver's type for it; the last digits of a ratio
// are those of a processor's square root.
func shown(value any) string {
	switch v := value.(type) {
	case float64:
		return fmt.Sprintf("%.12g", v)
	case *big.Rat:
		return v.RatString()
	}
	return fmt.Sprint(value)
}
