package sqlite

import (
	"testing"

	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCreateTable(t *testing.T) {
	assert.Equal(t, `CREATE TABLE IF NOT EXISTS rows (
  start TEXT NOT NULL,
  name TEXT NOT NULL,
  count INTEGER NOT NULL,
  total INTEGER NOT NULL,
  mean REAL,
  payload TEXT NOT NULL,
  cut INTEGER NOT NULL,
  PRIMARY KEY (start, name)
) WITHOUT ROWID`, createTable(tables[0]))
}

func TestCreateKeepsWhatIsThere(t *testing.T) {
	w := newWarehouse(t)
	want := []row{rowOf(0, "a", 1, 1)}
	require.NoError(t, upsert(w, "rows", want))
	require.NoError(t, w.Create(ctx, tables, noViews))
	assert.Equal(t, want, rowsOf(t, w))
}

// A file that a newer engine has made.
func TestCreateRefusesAColumnThatItCantFill(t *testing.T) {
	w := newWarehouse(t)
	older := tables[0]
	older.Columns = older.Columns[:3]
	assert.ErrorContains(t, w.Create(ctx, []table.Table{older}, noViews),
		"of table rows must not be empty, and this engine does not know it")
}

func TestCreateMakesAllOrNothing(t *testing.T) {
	w := newWarehouse(t)
	err := w.Create(ctx, tables, func(table.Dialect) []table.View {
		return []table.View{{Name: "v", Query: "SELECT FROM"}}
	})
	assert.ErrorContains(t, err, w.Path)
	assert.ErrorContains(t, err, "CREATE VIEW v")
	assert.ErrorContains(t, upsert(w, "others", []row{{}}), "others")
}
