package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	d := datasets(options{work: t.TempDir(), clicks: 2_000_000, orders: 200_000})[0]
	require.NoError(t, os.MkdirAll(d.dir, 0o755))
	require.NoError(t, os.WriteFile(d.clicks(), make([]byte, 2_400_000), 0o644))
	require.NoError(t, os.WriteFile(d.orders(), make([]byte, 700_000), 0o644))
	var out strings.Builder
	err := d.print(&out, []result{
		{contender{name: "DuckDB"}, []sample{{usage{0.5, 0.9, 333e6}, totals{Rows: 12_000}}}},
		{contender{name: "engine, direct", goal: directGoal}, []sample{{usage{2, 3.25, 600e6}, totals{Rows: 12_000}}}},
	})
	require.NoError(t, err)
	assert.Equal(t, `
Clicks without ids: 2000000 clicks, 200000 orders, 3 MB; equal results of 12000 rows
                median s   min s   max s  ratio   CPU s  records/s  peak MB  goals
DuckDB              0.50    0.50    0.50  1.00×    0.90    4400000      333
engine, direct      2.00    2.00    2.00  4.00×    3.25    1100000      600  ≤ 4×: met, < 600 MB: missed
`, out.String())
}
