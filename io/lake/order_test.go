package lake

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"adtoorder/io/table"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Rows of one key may differ in columns that are no counters: a reject that is booked
// again at another time. Which one stays must not depend on which came first.
func TestReduceDependsOnNoOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		rows := make([]row, 12)
		for i := range rows {
			rows[i] = rowOf(table.Time(random.IntN(2)), fmt.Sprint("P", random.IntN(2)), random.Int64N(3),
				random.Int64N(3))
			rows[i].Payload, rows[i].Cut = table.Bytes(fmt.Sprint(random.IntN(3))), random.IntN(2) == 0
		}
		want := text(reduce(rowOrder, rows))
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		require.Equal(t, want, text(reduce(rowOrder, rows)))
		cut := random.IntN(len(rows))
		parts := append(reduce(rowOrder, rows[:cut]), reduce(rowOrder, rows[cut:])...)
		require.Equal(t, want, text(reduce(rowOrder, parts)), "merged in parts")
	}
	assert.Empty(t, reduce(rowOrder, []row(nil)))
}

// many are rows of promotions in windows, in disorder.
func many(promotions, windows int) (rows []row) {
	for p := range promotions {
		for w := range windows {
			rows = append(rows, rowOf(table.Time(start0+w*60_000), fmt.Sprintf("P%03d", p), int64(p), int64(w)))
		}
	}
	rand.New(rand.NewPCG(5, 6)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

// By the statistics of its row groups a reader of one promotion leaves out the others.
func TestStatisticsTellPromotionsApart(t *testing.T) {
	content, err := encode(Parquet, reduce(rowOrder, many(500, 60)))
	require.NoError(t, err)
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	leaf, found := f.Schema().Lookup("name")
	require.True(t, found)
	require.Len(t, f.RowGroups(), 3)
	holding := 0
	for i, group := range f.RowGroups() {
		assert.LessOrEqual(t, group.NumRows(), int64(rowsPerGroup))
		stats := f.Metadata().RowGroups[i].Columns[leaf.ColumnIndex].MetaData.Statistics
		least, greatest := string(stats.MinValue), string(stats.MaxValue)
		require.NotEmpty(t, least)
		if least <= "P250" && "P250" <= greatest {
			holding++
		}
		index, err := group.ColumnChunks()[leaf.ColumnIndex].ColumnIndex()
		require.NoError(t, err)
		assert.Equal(t, least, string(index.MinValue(0).ByteArray()))
	}
	assert.Equal(t, 1, holding, "row groups that may hold a promotion")
}

// JSONL has the same order.
func TestFilesAreSortedByTheLeadingKey(t *testing.T) {
	for _, lake := range lakes(t) {
		file := lake.path("d", start0, "0")
		mergeAll(t, lake.Format, file, many(3, 2)[:4], many(3, 2))
		var want []row
		for p := range 3 {
			for w := range 2 {
				want = append(want, rowOf(table.Time(start0+w*60_000), fmt.Sprintf("P%03d", p), int64(p), int64(w)))
			}
		}
		assert.Equal(t, text(want), text(rowsOf(t, file)))
	}
}

func TestTheSameRowsInAnyOrderGiveTheSameBytes(t *testing.T) {
	for _, lake := range lakes(t) {
		rows, random := many(200, 60), rand.New(rand.NewPCG(7, 8))
		var first []byte
		for i := range 4 {
			random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			file, cut := lake.path(fmt.Sprint("d", i), start0, "0"), random.IntN(len(rows))
			mergeAll(t, lake.Format, file, rows[:cut], rows[cut/2:])
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			if i == 0 {
				first = content
			}
			require.Equal(t, first, content)
		}
	}
}
