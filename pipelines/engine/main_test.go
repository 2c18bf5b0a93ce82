package engine

import (
	"testing"

	"adtoorder/io/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// place returns flags of a run into a fresh directory. What whole runs leave there is
// tested by package scenarios.
func place(t *testing.T, runner string) Flags {
	t.Helper()
	dir := t.TempDir()
	f := Sample
	f.Runner, f.Lake, f.Warehouse = runner, dir+"/lake", "sqlite:"+dir+"/warehouse.db"
	return f
}
