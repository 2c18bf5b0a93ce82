package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A transaction's rows and one more.
func TestABareInsertCopiesEveryTable(t *testing.T) {
	from := warehouse(t,
		"CREATE TABLE keyed (k TEXT NOT NULL, v REAL, PRIMARY KEY (k)) WITHOUT ROWID",
		"INSERT INTO keyed VALUES ('a', 1.5), ('b', NULL)",
		"CREATE VIEW seen AS SELECT k FROM keyed",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20001) "+
			"INSERT INTO clicks SELECT i FROM n",
		"INSERT INTO orders VALUES (2, 3, 5, 700)",
		"INSERT INTO conversions VALUES (200030001, 2, 3, 5, 700)")
	to := filepath.Join(t.TempDir(), "bare.db")
	spent, err := bareInsert(context.Background(), from, to)
	require.NoError(t, err)
	assert.Greater(t, spent, time.Millisecond)

	got, err := readTotals(context.Background(), to) // which compares the tables
	require.NoError(t, err)
	assert.Equal(t, totals{Rows: 1, Clicks: 200030001, Orders: 2, OrderLines: 3, Units: 5, RevenueMicros: 700,
		ClicksTimesOrders: 400060002}, got)
	db, err := openSQLite(to, "mode=ro")
	require.NoError(t, err)
	defer db.Close()
	var clicks, empty int
	var sum float64
	require.NoError(t, db.QueryRow("SELECT (SELECT count(*) FROM clicks), sum(v), count(*) - count(v) FROM keyed").
		Scan(&clicks, &sum, &empty))
	assert.Equal(t, 20001, clicks)
	assert.Equal(t, 1.5, sum)
	assert.Equal(t, 1, empty)
}

func TestABareInsertOfNothingFails(t *testing.T) {
	dir := t.TempDir()
	_, err := bareInsert(context.Background(), filepath.Join(dir, "none.db"), filepath.Join(dir, "bare.db"))
	assert.ErrorContains(t, err, "inserting the rows of "+filepath.Join(dir, "none.db"))
}
