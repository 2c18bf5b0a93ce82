package files

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"adtoorder/io/storage"
	"adtoorder/io/storage/storagetest"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rowsOfParquet returns a file of numbered rows.
func rowsOfParquet(t *testing.T, rows int) string {
	t.Helper()
	type row struct{ N int }
	var file bytes.Buffer
	w := parquet.NewGenericWriter[row](&file)
	for i := range rows {
		_, err := w.Write([]row{{i}})
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return file.String()
}

// What can't be read at many places is copied for as long as it is read.
func TestParquetInBuckets(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, s := range storagetest.Serve(t) {
		var st storage.Storage
		defer st.Close()
		path := s.URI + "/in/a.parquet"
		require.NoError(t, st.Update(t.Context(), path, func([]byte) ([]byte, error) {
			return []byte(rowsOfParquet(t, 1000)), nil
		}))
		got, err := Match(t.Context(), []string{path})
		require.NoError(t, err)
		all := payloads(t, got)
		require.Len(t, all, 1000)
		assert.Equal(t, `{"N":999}`, all[999])
		left, err := os.ReadDir(os.TempDir())
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

// A reader that goes on from an offset gives what is behind it, of rows, too.
func TestSkipInRows(t *testing.T) {
	var csv bytes.Buffer
	csv.WriteString("N\n")
	for i := range 1000 {
		fmt.Fprintln(&csv, i)
	}
	for name, content := range map[string]string{"a.csv": csv.String(), "a.csv.gz": gzipped(t, csv.String()),
		"a.parquet": rowsOfParquet(t, 1000), "parquet.gz": gzipped(t, rowsOfParquet(t, 1000))} {
		t.Run(name, func(t *testing.T) {
			path := write(t, t.TempDir(), name, content)
			open := func() *Reader {
				in, err := os.Open(path)
				require.NoError(t, err)
				return NewReader(in, File{Path: path, Size: int64(len(content))})
			}
			r := open()
			defer r.Close()
			all, err := r.Next()
			require.NotEmpty(t, all, err)
			again := open()
			defer again.Close()
			again.Skip(all[200].Offset)
			rest, _ := again.Next()
			require.NotEmpty(t, rest)
			assert.Equal(t, all[200], rest[0])
		})
	}
}
