package lake

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Edit changes the rows that it is told to, in files of both formats, and leaves alone the
// files in which there are none.
func TestEdit(t *testing.T) {
	for _, lake := range lakes(t) {
		s := opened(t)
		for i, rows := range [][]row{
			{rowOf(start0, "P1", 1, 1), rowOf(start0, "P2", 1, 1)}, {rowOf(start0+3600_000, "P3", 1, 1)},
		} {
			name := lake.path("d", start0+int64(i)*3600_000, "0")
			require.NoError(t, merge(t.Context(), s, rowOrder, lake.Format, name, rows))
		}
		untouched := lake.path("d", start0+3600_000, "0")
		before, err := os.Stat(untouched)
		require.NoError(t, err)

		n, err := Edit(t.Context(), lake, "d", func(r *row) bool {
			r.Cut = r.Name == "P2"
			return r.Cut
		})
		require.NoError(t, err)
		assert.EqualValues(t, 1, n)
		want := []row{rowOf(start0, "P1", 1, 1), rowOf(start0, "P2", 1, 1)}
		want[1].Cut = true
		assert.Equal(t, text(want), text(rowsOf(t, lake.path("d", start0, "0"))))
		after, err := os.Stat(untouched)
		require.NoError(t, err)
		assert.True(t, os.SameFile(before, after))

		require.NoError(t, os.WriteFile(untouched, []byte("no rows"), 0o644))
		_, err = Edit(t.Context(), lake, "d", func(*row) bool { return true })
		assert.ErrorContains(t, err, untouched)
	}
}
