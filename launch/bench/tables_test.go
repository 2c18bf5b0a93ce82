package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTablesAgainstABareInsert(t *testing.T) {
	results := func(insert ...float64) []result {
		return []result{
			{contender{name: direct}, seconds(10, 20, 30)},
			{contender{name: noTables}, seconds(8, 16, 20)},
			{contender{name: bareInsertion}, seconds(insert...)},
		}
	}
	var out strings.Builder
	printTables(&out, results(1, 2, 3)) // 2, 2, 3.3 times
	assert.Equal(t, "SQLite, bare insert: 0.10 × the time of engine, direct, whose tables take "+
		"2.00 × the insert, ≤ 2 ×: met\n",
		out.String())
	out.Reset()
	printTables(&out, results(0.5, 1, 3)) // 4, 4, 3.3 times
	assert.Contains(t, out.String(), "take 4.00 × the insert, ≤ 2 ×: missed\n")
	out.Reset()
	printTables(&out, []result{{contender{name: engineFlink}, seconds(1)}})
	assert.Empty(t, out.String())
}
