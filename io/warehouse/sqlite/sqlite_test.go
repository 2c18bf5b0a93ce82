package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFileThatIsNoDatabase(t *testing.T) {
	for name, content := range map[string]string{"text": strings.Repeat("no database ", 100), "short": "no database"} {
		t.Run(name, func(t *testing.T) {
			w := Warehouse{filepath.Join(t.TempDir(), name)}
			require.NoError(t, os.WriteFile(w.Path, []byte(content), 0o644))
			err := w.Create(ctx, tables[:1], noViews)
			assert.ErrorContains(t, err, w.Path)
			_, err = w.Origin(ctx)
			assert.ErrorContains(t, err, w.Path)
			require.NoError(t, w.Close())
			left, err := os.ReadFile(w.Path)
			require.NoError(t, err)
			assert.Equal(t, content, string(left))
		})
	}
}

func TestAPathThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/file", nil, 0o644))
	for _, path := range []string{dir + "/file/w.db", dir} {
		w := Warehouse{path}
		assert.ErrorContains(t, w.Create(ctx, nil, noViews), path)
		require.NoError(t, w.Close())
	}
}

func TestCloseFoldsTheLogIntoTheFile(t *testing.T) {
	w := newWarehouse(t)
	require.NoError(t, upsert(w, "rows", []row{rowOf(0, "a", 1, 1)}))
	require.NoError(t, w.Close())
	left, err := os.ReadDir(filepath.Dir(w.Path))
	require.NoError(t, err)
	require.Len(t, left, 1)
	assert.Equal(t, filepath.Base(w.Path), left[0].Name())
	require.NoError(t, w.Close(), "closed already")
	assert.Len(t, rowsOf(t, w), 1, "opened again")
}

func TestAReaderReadsWhileAWriterWrites(t *testing.T) {
	w := newWarehouse(t)
	require.NoError(t, upsert(w, "rows", []row{rowOf(0, "a", 1, 1), rowOf(0, "b", 1, 1)}))
	other := Warehouse{filepath.Dir(w.Path) + "/./" + filepath.Base(w.Path)} // as another process
	defer other.Close()
	db, err := other.DB()
	require.NoError(t, err)
	reader, err := db.QueryContext(ctx, "SELECT count FROM rows")
	require.NoError(t, err)
	defer reader.Close()
	require.True(t, reader.Next())

	require.NoError(t, upsert(w, "rows", []row{rowOf(0, "a", 2, 1), rowOf(0, "b", 2, 1)}))
	var count int64
	require.True(t, reader.Next())
	require.NoError(t, reader.Scan(&count))
	assert.EqualValues(t, 1, count, "as it was when the reader began")
	require.NoError(t, reader.Close())
	require.NoError(t, db.QueryRowContext(ctx, "SELECT min(count) FROM rows").Scan(&count))
	assert.EqualValues(t, 2, count)
}

func TestOrigin(t *testing.T) {
	w := newWarehouse(t)
	origin, err := w.Origin(ctx)
	require.NoError(t, err)
	assert.Equal(t, table.Origin{}, origin)
	for _, want := range []table.Origin{
		{Window: time.Minute, Sources: []table.Source{{Stream: "clicks", Path: "/it's a file", Size: 7}}},
		{Window: time.Hour, Format: "jsonl", Sources: []table.Source{}},
	} {
		require.NoError(t, w.SetOrigin(ctx, want))
		require.NoError(t, w.Create(ctx, tables[:1], noViews))
		origin, err = w.Origin(ctx)
		require.NoError(t, err)
		assert.Equal(t, want, origin)
	}
}

func TestOriginOfAWarehouseThatHasNone(t *testing.T) {
	w := Warehouse{t.TempDir() + "/w.db"}
	defer w.Close()
	_, err := w.Origin(ctx)
	assert.ErrorContains(t, err, w.Path)
	assert.ErrorContains(t, w.SetOrigin(ctx, table.Origin{}), w.Path)
}
