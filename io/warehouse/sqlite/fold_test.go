package sqlite

import (
	"os"
	"slices"
	"testing"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// copied returns the names in a copy of the file alone, as somebody makes it while a
// run writes.
func copied(t *testing.T, w Warehouse) (names []string, err error) {
	file, err := os.ReadFile(w.Path)
	require.NoError(t, err)
	copy := Warehouse{t.TempDir() + "/copy.db"}
	require.NoError(t, os.WriteFile(copy.Path, file, 0o644))
	defer func() { require.NoError(t, copy.Close()) }()
	err = copy.Query(ctx, "testing", "SELECT name FROM rows ORDER BY name", nil, func(found warehouse.Row) error {
		names = append(names, "")
		return found.Scan(&names[len(names)-1])
	})
	return names, err
}

func TestACopyOfTheFileAloneHasTheTablesAndAllButTheLastRows(t *testing.T) {
	defer func(was time.Duration) { foldAfter = was }(foldAfter)
	foldAfter = 100 * time.Millisecond
	w := newWarehouse(t)
	names, err := copied(t, w)
	require.NoError(t, err, "just created")
	assert.Empty(t, names)
	for _, name := range []string{"a", "b", "c"} {
		require.NoError(t, upsert(w, "rows", []row{rowOf(0, name, 1, 1)}))
		n := table.Time(0)
		require.Eventually(t, func() bool { // the run goes on
			n++
			require.NoError(t, upsert(w, "rows", []row{rowOf(n, "x", 1, 1)}))
			names, err := copied(t, w)
			return err == nil && len(names) > 0 && names[0] == "a" && slices.Contains(names, name)
		}, 20*time.Second, 10*time.Millisecond, name)
	}
}

func TestTheLogDoesNotStayAtItsLargest(t *testing.T) {
	w := newWarehouse(t)
	size := func() int64 {
		log, err := os.Stat(w.Path + "-wal")
		require.NoError(t, err)
		return log.Size()
	}
	rows := []row{{Name: "large", Payload: make(table.Bytes, 10<<20)}}
	require.NoError(t, upsert(w, "rows", rows))
	require.Greater(t, size(), int64(10<<20))
	for i := range 2 { // the first one that finds the log folded begins it again
		require.NoError(t, upsert(w, "rows", []row{rowOf(table.Time(i), "small", 1, 1)}))
	}
	assert.LessOrEqual(t, size(), int64(4<<20))
}
