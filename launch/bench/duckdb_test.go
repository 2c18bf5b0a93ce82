package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseDuckDB(t *testing.T) {
	s, err := parseDuckDB([]byte(`{"seconds": 0.5, "cpu_seconds": 0.9, "totals": {"rows": 1, "clicks": 2, "orders": 3,
		"order_lines": 4, "units": 5, "revenue_micros": 24645986710000, "clicks_times_orders": 6}}`),
		usage{seconds: 2, cpu: 3, peak: 4})
	require.NoError(t, err)
	assert.Equal(t, sample{usage: usage{0.5, 0.9, 4}, totals: totals{1, 2, 3, 4, 5, 24645986710000, 6}}, s)
}

func TestParseDuckDBRefusesOtherText(t *testing.T) {
	_, err := parseDuckDB([]byte("Traceback"), usage{})
	assert.ErrorContains(t, err, "reading what DuckDB printed")
}
