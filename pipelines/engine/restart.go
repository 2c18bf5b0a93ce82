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

	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&progressFn{})
	register.Emitter1[ProgressRow]()
	warehouse.Register[ProgressRow]()
}

const progressTable = "progress"

// ProgressRow is how far a partition of a live source was read.
type ProgressRow struct {
	Stream    string     `json:"stream" parquet:"stream" table:"key"`
	Partition string     `json:"partition" parquet:"partition" table:"key"` // the source's URI, and the partition's name
	Position  string     `json:"position" parquet:"position"`
	Watermark table.Time `json:"watermark" parquet:"watermark,timestamp(millisecond)" table:"max"`
	UpdatedAt table.Time `json:"updated_at" parquet:"updated_at,timestamp(millisecond)" table:"max"` // by the worker's clock
}

// maxPosition bounds what is kept of a position, which is there to be looked at.
const maxPosition = 200

// progressFn is unbounded.Progress -> ProgressRow.
type progressFn struct{ Stream, Source string }

// ProcessElement notes the time.
func (fn *progressFn) ProcessElement(p unbounded.Progress) ProgressRow {
	progress.Watermark(fn.Stream, fn.Source+"/"+p.Partition, p.Watermark)
	return ProgressRow{fn.Stream, fn.prefix() + p.Partition, p.Position[:min(len(p.Position), maxPosition)],
		table.Time(p.Watermark), table.Time(time.Now().UnixMilli())}
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

// resume returns the broker time from which a run has to read to see every
// window whole that the one before may not have finished: that of the oldest
// such window less the out-of-orderness, at a window's start, in milliseconds
// since the Unix epoch; 0 for the oldest record. It also tells whether there was a
// run before.
func (o Options) resume(ctx context.Context) (start int64, again bool, err error) {
	if o.Warehouse == nil {
		return 0, false, nil
	}
	var rows []ProgressRow
	unread := false // whether there is a source that was never read
	for _, in := range o.streams() {
		for _, source := range in.live() {
			found, err := warehouse.Select[ProgressRow](ctx, o.Warehouse, progressTable,
				"stream = ? AND substr(`partition`, 1, ?) = ?", in.name, utf8.RuneCountInString(source.String())+1, source.String()+"/")
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
	return oldestOpen(rows, o.Window, o.AllowedLateness+o.settling(), o.OutOfOrderness), again, nil
}

// goOn has live sources begin where the last run's windows may not be finished.
func (o *Options) goOn(ctx context.Context) error {
	start, again, err := o.resume(ctx)
	if err != nil {
		return err
	}
	o.Clicks.from(start)
	o.Orders.from(start)
	if again && !o.Restores {
		o.goBack(ctx, start)
	}
	return nil
}

// goBack has subscriptions give again what was published since a broker time, as
// resume gives it, where the last run's windows were in its process alone. It says
// of which it can't have them. What comes again from before that time makes parts
// of rows that are whole, and rows merge by max.
func (o Options) goBack(ctx context.Context, start int64) {
	since, at := "that run's beginning", "TIME"
	if start > 0 {
		at = time.UnixMilli(start).UTC().Format(time.RFC3339)
		since = at
	}
	for _, s := range o.subscriptions() {
		how := fmt.Sprintf("to read them whole, stop, %s (the subscription must retain acknowledged messages: %s), and start again", s.SeekCommand(at), s.RetainCommand())
		if o.embedded() {
			err := s.Seek(ctx, start)
			if err == nil {
				continue
			}
			how = err.Error()
		}
		progress.Problem(ctx, fmt.Sprintf("%v does not give again what the last run has acknowledged: windows since %s may lack what only one of both runs has read; %s", s, since, how))
	}
}

// oldestOpen is the start of the oldest window that may change within a time after its
// end, by the least watermark, less the out-of-orderness.
func oldestOpen(rows []ProgressRow, window, open, outOfOrderness time.Duration) int64 {
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
	size := window.Milliseconds()
	oldest := int64(least) - open.Milliseconds()
	start := oldest - oldest%size - outOfOrderness.Milliseconds()
	return max(0, start-start%size)
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
		return 0, false, &FlagError{"start", value, "want earliest, latest, or a time such as 2026-11-01T00:00:00Z"}
	}
	return t.UnixMilli(), true, nil
}
