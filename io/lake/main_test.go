package lake

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/io/testenv"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func init() {
	beam.RegisterType(reflect.TypeFor[row]())
	Register[row]()
}

// row has a column of every type and of every part in merging.
type row struct {
	Start   table.Time  `json:"start" parquet:"start,timestamp(millisecond)" table:"key"`
	Name    string      `json:"name" parquet:"name" table:"key,lead"`
	Count   int64       `json:"count" parquet:"count" table:"max"`
	Total   int64       `json:"total" parquet:"total" table:"max"`
	Mean    *float64    `json:"mean" parquet:"mean" table:"derived"`
	Payload table.Bytes `json:"payload" parquet:"payload"`
	Cut     bool        `json:"cut" parquet:"cut"`
}

// Derive implements table.Deriver.
func (r *row) Derive() {
	r.Mean = nil
	if r.Count > 0 {
		mean := float64(r.Total) / float64(r.Count)
		r.Mean = &mean
	}
}

// rowOf returns a row with its mean.
func rowOf(start table.Time, name string, count, total int64) row {
	r := row{Start: start, Name: name, Count: count, Total: total, Payload: table.Bytes{}}
	r.Derive()
	return r
}

var rowOrder = orderOf[row]()

// datasets are those that tests write to.
var datasets = []Dataset{
	Of[row]("conversions", table.Of[row]("conversions", "start")),
	Of[row]("rejects", table.Of[row]("rejects", "start")),
	Of[row]("d", table.Of[row]("d", "start")),
}

// lakes returns an empty lake of each format.
func lakes(t *testing.T) []Lake {
	var all []Lake
	for _, format := range Formats() {
		all = append(all, Lake{filepath.Join(t.TempDir(), "lake"), format})
	}
	return all
}

// opened returns a storage that is closed at the test's end.
func opened(t testing.TB) *storage.Storage {
	s := new(storage.Storage)
	t.Cleanup(func() { s.Close() })
	return s
}

// files returns the names of all files below a directory.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	}))
	return names
}

// rowsOf returns the rows of a file.
func rowsOf(t *testing.T, file string) []row {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	rows, err := decode[row](strings.TrimPrefix(filepath.Ext(file), "."), content)
	require.NoError(t, err)
	return rows
}

// contents returns what all files below a directory hold, by their names.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range files(t, dir) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		all[name] = string(content)
	}
	return all
}
