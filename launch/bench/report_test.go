package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	d := shortIn(t.TempDir(), 2_000_000, 200_000)[0]
	require.NoError(t, os.MkdirAll(d.dir, 0o755))
	require.NoError(t, os.WriteFile(d.clicks(), make([]byte, 2_400_000), 0o644))
	require.NoError(t, os.WriteFile(d.orders(), make([]byte, 700_000), 0o644))
	rows := totals{Rows: 12_000}
	results := []result{
		{contender{name: "DuckDB, query", peer: "query"}, []sample{{usage: usage{0.5, 0.9, 333e6}, totals: rows}}},
		{contender{name: "DuckDB, files", peer: "files"}, []sample{{usage: usage{0.8, 1.5, 340e6}, totals: rows,
			output: output{files: 15, lake: 400e3}}}},
		{contender{name: direct}, []sample{{usage: usage{2, 3.25, 300e6}, totals: rows,
			output: output{files: 1200, lake: 2.5e6, tables: 12e6}}}},
		{contender{name: bareInsertion}, []sample{{usage: usage{seconds: 0.25}, totals: rows,
			output: output{tables: 11e6}}}},
	}
	var out strings.Builder
	require.NoError(t, d.printHead(&out, results, rounds{1, true}))
	d.printTable(&out, results)
	assert.Equal(t, `
Clicks without ids: 2000000 clicks, 200000 orders, promotions: 40, time: 5h, 3 MB; equal results of 12000 rows; `+
		`runs: 1 of each after one to warm up
                    median s   min s   max s  ÷ query  ÷ files   CPU s records/s peak MB  files lake MB tables MB
DuckDB, query           0.50    0.50    0.50    1.00×    0.62×    0.90   4400000     333
DuckDB, files           0.80    0.80    0.80    1.60×    1.00×    1.50   2750000     340     15     0.4
engine, direct          2.00    2.00    2.00    4.00×    2.50×    3.25   1100000     300   1200     2.5        12
SQLite, bare insert     0.25    0.25    0.25    0.50×    0.31×           8800000                               11
goals
engine, direct      ≤ 2.8 ÷ query: missed, ≤ 1.2 ÷ files: missed, ≤ 300 MB: met
`, out.String())
}

// Flink's contenders have a peer of their own, and no goal of direct's.
func TestTableWithoutGoals(t *testing.T) {
	var out strings.Builder
	dataset{}.printTable(&out, []result{{contender{name: "Flink SQL", peer: "SQL"}, seconds(1)}})
	assert.NotContains(t, out.String(), "goals")
	assert.Contains(t, out.String(), " ÷ SQL ")
}
