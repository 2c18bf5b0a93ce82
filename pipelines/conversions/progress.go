package main

import (
	"fmt"
	"log/slog"
	"time"

	"adtoorder/io/progress"
	"adtoorder/pipelines/command"
)

// quiet turns the runners' log off: the progress line and the summary say what
// a run does, and a run that fails says why by itself.
func quiet() { slog.SetDefault(slog.New(slog.DiscardHandler)) }

// showProgress keeps a line about the run on a terminal. The returned function ends
// that.
func showProgress(line *command.Progress, maxMalformed float64) (stop func()) {
	rate := meter{at: time.Now(), records: progress.Records.Load()}
	return line.Follow(func() string { return status(rate.perSecond(time.Now()), time.Now()) + warnings(maxMalformed) })
}

// tellProblems prints what fails for a while, and what a run can't do, a line each.
func tellProblems(line *command.Progress) {
	progress.OnProblem(func(text string) {
		line.Print(time.Now().UTC().Format(time.RFC3339) + " " + program + ": " + text)
	})
}

// status is the line about a run.
func status(recordsPerSecond float64, now time.Time) string {
	line := fmt.Sprintf("%d records read, %d windows written, %d rejects", progress.Records.Load(), progress.Windows(),
		progress.Rejects.Load())
	if folded := progress.Folded.Load(); folded > 0 {
		line += fmt.Sprintf(", %d files of a window each merged into files of an hour", folded)
	}
	if oldest, live := oldestWatermark(); live {
		line += fmt.Sprintf(", %.0f records/s", recordsPerSecond)
		if oldest > 0 {
			at := time.UnixMilli(oldest).UTC()
			line += fmt.Sprintf(", watermark %s (%v behind)", at.Format("2006-01-02 15:04:05Z"),
				now.Sub(at).Truncate(time.Second))
		}
	}
	return line
}

// oldestWatermark returns the least watermark of all live partitions, in
// milliseconds since the Unix epoch.
func oldestWatermark() (oldest int64, live bool) {
	progress.Watermarks(func(_, _ string, ms int64) {
		if !live || ms < oldest {
			oldest, live = ms, true
		}
	})
	return oldest, live
}

// meter measures records a second over the last seconds.
type meter struct {
	at      time.Time
	records int64
	last    float64
}

func (m *meter) perSecond(now time.Time) float64 {
	if passed := now.Sub(m.at); passed >= 2*time.Second {
		records := progress.Records.Load()
		m.last = float64(records-m.records) / passed.Seconds()
		m.at, m.records = now, records
	}
	return m.last
}
