package engine

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"adtoorder/io/dofn"
	"adtoorder/io/progress"
	"adtoorder/io/table"
	"adtoorder/io/unbounded"
	"adtoorder/io/warehouse"
	"adtoorder/io/window"
	"adtoorder/pipelines/command"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&progressFn{})
	register.Emitter1[table.Batch[ProgressRow]]()
	warehouse.Register[ProgressRow]()
}

const progressTable = "progress"

// ProgressRow is how far a partition of a live source was read.
type ProgressRow struct {
	Stream string `json:"stream" parquet:"stream" table:"key"`
	// the source's URI, and the partition's name
	Partition string     `json:"partition" parquet:"partition" table:"key"`
	Position  string     `json:"position" parquet:"position"`
	Watermark table.Time `json:"watermark" parquet:"watermark,timestamp(millisecond)" table:"max"`
	UpdatedAt table.Time `json:"updated_at" parquet:"updated_at,timestamp(millisecond)" table:"max"` // by the worker's clock
}

// maxPosition bounds what is kept of a position, which is there to be looked at.
const maxPosition = 200

// progressFn is unbounded.Progress -> table.Batch[ProgressRow].
type progressFn struct{ Stream, Source string }

// ProcessElement notes the time.
func (fn *progressFn) ProcessElement(p unbounded.Progress) table.Batch[ProgressRow] {
	progress.Watermark(fn.Stream, fn.Source+"/"+p.Partition, p.Watermark)
	return table.Batch[ProgressRow]{Rows: []ProgressRow{{fn.Stream, fn.prefix() + p.Partition,
		p.Position[:min(len(p.Position), maxPosition)], table.Time(p.Watermark), table.Time(time.Now().UnixMilli())}}}
}

func (fn *progressFn) prefix() string { return fn.Source + "/" }

// abandoned is how long ago a partition's last report is, before the newest one of
// all, if it is no longer read.
const abandoned = time.Minute

// settling is how far tables and files may be behind the watermarks in progress, which
// are written by another step: as long as a write may take that fails for a while.
func (o Options) settling() time.Duration {
	return max(o.Warehouse.Lag(), o.Lake.Lag())
}

// resume has unbounded sources begin where the last run's windows may not be finished.
func (r *run) resume(ctx context.Context) error {
	start, again, err := r.openSince(ctx)
	if err != nil {
		return err
	}
	r.startMillis = start
	if again && !r.Restores {
		r.goBack(ctx, start)
	}
	return nil
}

// openSince returns the broker time from which a run has to read to see every
// window whole that the one before may not have finished: that of the oldest
// such window less the out-of-orderness, at a window's start, in milliseconds
// since the Unix epoch; 0 for the oldest record. It also reports whether there was a
// run before.
func (r *run) openSince(ctx context.Context) (start int64, again bool, err error) {
	if r.Warehouse == nil {
		return 0, false, nil
	}
	var rows []ProgressRow
	unread := false // whether there is a source that was never read
	for _, in := range r.streams() {
		for _, source := range in.Unbounded {
			found, err := progressOf(ctx, r.Warehouse, in.name, source)
			if err != nil {
				return 0, again, fmt.Errorf("reading how far the last run came: %w", err)
			}
			again = again || len(found) > 0
			unread = unread || len(found) == 0
			rows = append(rows, found...)
		}
	}
	if unread {
		return 0, again, nil
	}
	return oldestOpen(rows, r.Windows(), r.settling(), r.OutOfOrderness), again, nil
}

// progressOf returns how far the partitions of a source were read.
func progressOf(ctx context.Context, w warehouse.Warehouse, stream string,
	source unbounded.Source) ([]ProgressRow, error) {
	prefix := source.String() + "/"
	return warehouse.Select[ProgressRow](ctx, w, progressTable,
		"stream = ? AND substr(`partition`, 1, ?) = ?", stream, utf8.RuneCountInString(prefix), prefix)
}

// goBack has subscriptions give again what was published since a broker time, as
// resume gives it, where the last run's windows were in its process alone. It says
// of which it can't have them. What comes again from before that time makes parts
// of rows that are whole, and rows merge by max.
func (r *run) goBack(ctx context.Context, start int64) {
	since, at := "that run's beginning", "TIME"
	if start > 0 {
		at = time.UnixMilli(start).UTC().Format(time.RFC3339)
		since = at
	}
	for _, s := range r.subscriptions() {
		how := fmt.Sprintf("to read them whole, stop, %s (the subscription must retain acknowledged messages: %s), "+
			"and start again",
			s.SeekCommand(at), s.RetainCommand())
		if r.embedded() {
			err := s.Seek(ctx, start)
			if err == nil {
				continue
			}
			how = err.Error()
		}
		progress.Problem(ctx, fmt.Sprintf("%v does not give again what the last run has acknowledged: windows since "+
			"%s may lack what only one of both runs has read; %s", s, since, how))
	}
}

// oldestOpen is the start of the oldest window that may change, by the least watermark,
// less the out-of-orderness. Tables and files settle as long after a watermark.
func oldestOpen(rows []ProgressRow, windows window.Policy, settling, outOfOrderness time.Duration) int64 {
	var newest, least table.Time
	for _, r := range rows {
		newest = max(newest, r.UpdatedAt)
	}
	least = newest
	for _, r := range rows {
		if r.UpdatedAt >= newest-table.Time(abandoned.Milliseconds()) {
			least = min(least, r.Watermark)
		}
	}
	oldest := int64(least) - (windows.AllowedLateness + settling).Milliseconds()
	return max(0, windows.StartOf(windows.StartOf(oldest)-outOfOrderness.Milliseconds()))
}

// parseStart reads --start: a time in milliseconds since the Unix epoch, and
// whether there is one.
func parseStart(value string, now time.Time) (start int64, given bool, err error) {
	switch value {
	case "":
		return 0, false, nil
	case "earliest":
		return 0, true, nil
	case "latest":
		return now.UnixMilli(), true, nil
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 || strings.Contains(value, ",") {
		return 0, false, command.Refuse("start", value,
			"must be earliest, latest, or a time such as 2026-11-01T00:00:00Z")
	}
	return t.UnixMilli(), true, nil
}
