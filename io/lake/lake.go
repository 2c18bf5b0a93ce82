// Package lake keeps rows in a lake: partitioned files, one whole file per partition
// and shard, whose name follows from these alone.
//
//	PCollection<KV<shard, table.Batch[T]>> -> PCollection<string>, the files' names
//
// So a late pane, a replay or a second run puts a more complete file in place of the
// former; a reader never has to merge and never sees half a file. pipelines/engine
// writes its datasets with it, and replay and launch/catalog look into them.
package lake

import (
	"fmt"
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

// startLayout is how a window's start is written in file names.
const startLayout = "20060102T150405Z"

// path returns the name of a window's file in Hive layout. The window's start
// is in milliseconds since the Unix epoch.
func (l Lake) path(dataset string, start int64, shard string) string {
	t := time.UnixMilli(start).UTC()
	return fmt.Sprintf("%s/%s/%s/%s-%s.%s", l.Dir, dataset,
		t.Format("year=2006/month=01/day=02/hour=15"), t.Format(startLayout), shard, l.Format)
}

// Lag is for how long a write is tried again that fails for a while.
func (l Lake) Lag() time.Duration { return storage.RetryTime(l.Dir) }
