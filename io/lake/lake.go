// Package lake keeps rows in a lake: partitioned files, one whole file per partition
// and shard, whose name follows from these alone.
//
//	PCollection<KV<shard, table.Batch[T]>> -> PCollection<string>, the files' names
//
// So a late pane, a replay or a second run puts a more complete file in place of the
// former; a reader never has to merge and never sees half a file. The same rows give
// the same bytes, in whichever order they come. pipelines/engine writes its datasets
// with it, and replay and launch/catalog look into them.
package lake

import (
	"time"

	"adtoorder/io/storage"
)

// The formats of files.
const (
	Parquet = "parquet"
	JSONL   = "jsonl"
)

// Formats returns the formats that a lake can have.
func Formats() []string { return []string{Parquet, JSONL} }

// Lake is a directory of datasets.
type Lake struct {
	Dir    string // local, or a URL such as gs://bucket/path; without a slash at its end
	Format string
}

// delay is how long rows of unbounded input gather before their file is written anew.
// A bucket takes about one write a second of an object, and each is paid for. To read,
// merge and write a local file of 60 windows takes 3 ms of a processor for 40 promotions,
// and 55 ms for 1,000 (BenchmarkMerge).
func (l Lake) delay() time.Duration {
	if storage.IsLocal(l.Dir) {
		return time.Second
	}
	return 10 * time.Second
}

// Lag is how far files may be behind what was counted: for how long rows gather, and a
// write is tried again that fails for a while.
func (l Lake) Lag() time.Duration { return l.delay() + storage.RetryTime(l.Dir) }
