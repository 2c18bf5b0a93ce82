package table

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type batchRow struct {
	Start Time     `parquet:"start" table:"key"`
	Name  string   `parquet:"name" table:"key"`
	Count int64    `parquet:"count" table:"max"`
	Share float64  `parquet:"share"`
	Text  Bytes    `parquet:"text"`
	Cut   bool     `parquet:"cut"`
	Twice *float64 `parquet:"twice" table:"derived"`
}

// Derive implements Deriver.
func (r *batchRow) Derive() {
	twice := 2 * float64(r.Count)
	r.Twice = &twice
}

func batchRows() []batchRow {
	rows := []batchRow{
		{Start: 1, Name: "P1", Count: 7, Share: 0.5, Text: Bytes("\xff"), Cut: true},
		{Start: -1, Name: "P1", Count: -9, Text: Bytes{}},
		{Name: "", Text: Bytes("a")},
		{Name: "P1", Text: Bytes("a")},
		{Start: 1 << 60, Name: "Ä", Count: 1 << 62, Text: Bytes("")},
	}
	for i := range rows {
		rows[i].Derive()
	}
	return rows
}

func TestBatchesKeepTheirRows(t *testing.T) {
	columns := batchColumns[batchRow]()
	for n := range len(batchRows()) + 1 {
		got, err := decodeRows[batchRow](columns, encodeRows(columns, batchRows()[:n]))
		require.NoError(t, err)
		assert.Equal(t, batchRows()[:n], got)
	}
}

func TestACutBatchIsAnError(t *testing.T) {
	columns := batchColumns[batchRow]()
	whole := encodeRows(columns, batchRows())
	for n := range whole {
		_, err := decodeRows[batchRow](columns, whole[:n])
		assert.ErrorIs(t, err, errShortBatch, "%d of %d bytes", n, len(whole))
	}
}

func TestColumnsThatMayBeNullHaveNoCoder(t *testing.T) {
	type nullable struct {
		N *int64 `parquet:"n"`
	}
	assert.PanicsWithValue(t, "table: column n may be null, and is not derived: batches have no coder for it",
		func() { batchColumns[nullable]() })
}
