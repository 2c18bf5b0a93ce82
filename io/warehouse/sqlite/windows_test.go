package sqlite

import (
	"testing"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// filled returns a warehouse with two tables that hold rows of these times.
func filled(t *testing.T, window time.Duration, rows, others []table.Time) Warehouse {
	w := newWarehouse(t)
	require.NoError(t, w.Create(ctx, tables, noViews))
	require.NoError(t, w.SetOrigin(ctx, table.Origin{Window: window, Sources: []table.Source{}}))
	for name, times := range map[string][]table.Time{"rows": rows, "others": others} {
		var all []row
		for _, at := range times {
			all = append(all, rowOf(at, "a", 1, 1))
		}
		require.NoError(t, upsert(w, name, all))
	}
	return w
}

func TestWindows(t *testing.T) {
	for name, test := range map[string]struct {
		window       time.Duration
		rows, others []table.Time
		want         []int64
	}{
		"no rows":       {time.Minute, nil, nil, nil},
		"no origin":     {0, []table.Time{5}, nil, nil},
		"starts":        {time.Minute, []table.Time{start0, start0 + 60_000}, nil, []int64{start0, start0 + 60_000}},
		"of all tables": {time.Minute, []table.Time{start0}, []table.Time{0, start0}, []int64{0, start0}},
		"times in windows": {time.Minute, []table.Time{start0 + 1, start0 + 59_999, start0 + 60_000}, nil,
			[]int64{start0, start0 + 60_000}},
		"fractions of a second": {time.Second, []table.Time{start0, start0 + 1, start0 + 999, start0 + 1_000, start0 +
			1_500}, nil, []int64{start0, start0 + 1_000}},
		"windows of an odd size": {7 * time.Second, []table.Time{start0}, nil, []int64{start0 - start0%7_000}},
		"the ends of time":       {time.Hour, []table.Time{0, 253402300799999}, nil, []int64{0, 253402297200000}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := warehouse.Windows(ctx, filled(t, test.window, test.rows, test.others), tables)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestRemoveWindows(t *testing.T) {
	rows := []table.Time{start0 - 1, start0, start0 + 1, start0 + 59_999, start0 + 60_000, start0 + 120_500}
	w := filled(t, time.Minute, rows, []table.Time{0, start0 + 500})
	left := func() (times []table.Time) {
		for _, r := range rowsOf(t, w) {
			times = append(times, r.Start)
		}
		return times
	}
	require.NoError(t, w.RemoveWindows(ctx, tables, nil))
	require.NoError(t, w.RemoveWindows(ctx, tables, []int64{start0 + 180_000}))
	assert.Equal(t, rows, left(), "windows that are not there")
	for range 2 {
		require.NoError(t, w.RemoveWindows(ctx, tables, []int64{start0, start0 + 120_000}))
		assert.Equal(t, []table.Time{start0 - 1, start0 + 60_000}, left())
	}
	got, err := warehouse.Windows(ctx, w, tables)
	require.NoError(t, err)
	assert.Equal(t, []int64{0, start0 - 60_000, start0 + 60_000}, got)
}

func TestRemoveWindowsFromAllTablesOrNone(t *testing.T) {
	w := filled(t, time.Minute, []table.Time{start0}, nil)
	err := w.RemoveWindows(ctx, []table.Table{tables[0], table.Of[row]("none", "start")}, []int64{start0})
	assert.ErrorContains(t, err, w.Path)
	assert.Len(t, rowsOf(t, w), 1)
	require.NoError(t, w.RemoveWindows(ctx, tables, []int64{start0}), "the transaction has ended")
	assert.Empty(t, rowsOf(t, w))
}

func TestWindowsReturnsAnError(t *testing.T) {
	w := filled(t, time.Minute, nil, nil)
	_, err := warehouse.Windows(ctx, w, []table.Table{table.Of[row]("none", "start")})
	assert.ErrorContains(t, err, w.Path)
}
