package table

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDriverValues(t *testing.T) {
	type kinds struct {
		At    Time     `parquet:"at"`
		Until Time     `parquet:"until"`
		Name  string   `parquet:"name"`
		Count int64    `parquet:"count"`
		Share *float64 `parquet:"share"`
		Is    bool     `parquet:"is"`
		Raw   Bytes    `parquet:"raw"`
	}
	half := 0.5
	values := NewDriverValues(Columns[kinds]())
	for range 2 { // the texts that are kept are the right ones
		assert.Equal(t, []any{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.005Z", "a", int64(7), 0.5, true, "é"},
			values.Append(nil, &kinds{0, 5, "a", 7, &half, true, Bytes("é")}))
		assert.Equal(t, []any{"before", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "", int64(-1), nil, false,
			[]byte("\xff")},
			values.Append([]any{"before"}, &kinds{0, 0, "", -1, nil, false, Bytes("\xff")}))
	}
}
