package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEqualTotals(t *testing.T) {
	all := totals{1, 2, 3, 4, 5, 6, 7}
	assert.NoError(t, all.compare(all))
}

func TestEveryDifferenceIsNamed(t *testing.T) {
	assert.EqualError(t, totals{1, 2, 3, 4, 5, 6, 7}.compare(totals{}),
		"rows 1, want 0; clicks 2, want 0; orders 3, want 0; "+
			"order_lines 4, want 0; units 5, want 0; revenue_micros 6, want 0; sum of clicks × orders 7, want 0")
}

// warehouse is a SQLite file in the mode that the engine leaves it in.
func warehouse(t *testing.T, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a b?.db")
	db, err := sql.Open("sqlite", "file:"+filepath.Dir(path)+"/a%20b%3F.db?_pragma=journal_mode(WAL)")
	require.NoError(t, err)
	for _, s := range append([]string{
		"CREATE TABLE clicks (clicks INTEGER)",
		"CREATE TABLE orders (orders INTEGER, order_lines INTEGER, units INTEGER, revenue_micros INTEGER)",
		"CREATE TABLE conversions (clicks INTEGER, orders INTEGER, order_lines INTEGER, units " +
			"INTEGER, revenue_micros INTEGER)",
	}, statements...) {
		_, err := db.Exec(s)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
	return path
}

func TestReadTotals(t *testing.T) {
	path := warehouse(t,
		"INSERT INTO clicks VALUES (10), (4)",
		"INSERT INTO orders VALUES (2, 3, 5, 700)",
		"INSERT INTO conversions VALUES (10, 2, 3, 5, 700), (4, 0, 0, 0, 0)")
	got, err := readTotals(context.Background(), path)
	require.NoError(t, err)
	assert.Equal(t, totals{Rows: 2, Clicks: 14, Orders: 2, OrderLines: 3, Units: 5, RevenueMicros: 700,
		ClicksTimesOrders: 20}, got)
}

func TestReadTotalsOfNothing(t *testing.T) {
	got, err := readTotals(context.Background(), warehouse(t))
	require.NoError(t, err)
	assert.Zero(t, got)
}

func TestTablesThatDisagree(t *testing.T) {
	_, err := readTotals(context.Background(), warehouse(t, "INSERT INTO clicks VALUES (10)",
		"INSERT INTO conversions VALUES (9, 0, 0, 0, 0)"))
	assert.EqualError(t, err, "tables clicks and orders differ from table conversions: clicks 10, want 9")
}

func TestAbsentWarehouseIsNotMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	_, err := readTotals(context.Background(), path)
	assert.ErrorContains(t, err, "adding up the conversions in "+path)
	assert.NoFileExists(t, path)
}
