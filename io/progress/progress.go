// Package progress counts what this process has done, for a line on the
// terminal. The counts are no result: a bundle that is retried counts again,
// and other workers' work is not seen. The ledger holds the exact numbers.
package progress

import (
	"sync"
	"sync/atomic"
)

// Records counts the records that sources have emitted.
var Records atomic.Int64

var (
	written sync.Map // starts of windows
	windows atomic.Int64
)

// Wrote notes that something of a window was written, given its start in
// milliseconds since the Unix epoch.
func Wrote(start int64) {
	if _, again := written.LoadOrStore(start, true); !again {
		windows.Add(1)
	}
}

// Windows returns how many windows something was written of.
func Windows() int64 { return windows.Load() }
