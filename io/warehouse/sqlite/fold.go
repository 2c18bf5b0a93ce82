package sqlite

import (
	"database/sql"
	"sync"
	"sync/atomic"
	"time"
)

// foldAfter is how long what was written may be in the write-ahead log alone. The file
// is then a database by itself with all that is older, if somebody copies just that.
var foldAfter = 5 * time.Second

// pragmas are a writer's.
var pragmas = []string{
	"journal_mode(WAL)",
	"synchronous(NORMAL)",
	"journal_size_limit(4194304)", // the log is cut down to this after it has been folded
}

// handle is what this process has open of a warehouse.
type handle struct {
	*sql.DB
	folding sync.Mutex
	due     atomic.Bool // fold will be called
}

// foldSoon has fold called after a while, for all that is written until then.
func (h *handle) foldSoon() {
	if h.due.CompareAndSwap(false, true) {
		time.AfterFunc(foldAfter, h.fold)
	}
}

// fold copies the write-ahead log into the file, as far as nobody reads what it would
// change there. It waits for no reader. If it fails, or the handle is closed, it is
// done with the next writes, or was.
func (h *handle) fold() {
	h.folding.Lock()
	defer h.folding.Unlock()
	h.due.Store(false)
	h.Exec("PRAGMA wal_checkpoint(PASSIVE)")
}

// close closes the handle, after a fold that has begun.
func (h *handle) close() error {
	h.folding.Lock()
	defer h.folding.Unlock()
	return h.Close()
}
