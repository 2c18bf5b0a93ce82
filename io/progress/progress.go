// Package progress counts what this process has done, for a line on the
// terminal. The counts are no result: a bundle that is retried counts again,
// and other workers' work is not seen. The ledger holds the exact numbers.
package progress

import "sync/atomic"

var (
	// Records counts the records that sources have emitted.
	Records atomic.Int64
	// Files counts the partitioned files that were written.
	Files atomic.Int64
)
