package main

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"adtoorder/io/progress"

	"github.com/mattn/go-isatty"
)

// quiet turns the runners' log off: the progress line and the summary say what
// a run does, and a run that fails says why by itself.
func quiet() { slog.SetDefault(slog.New(slog.DiscardHandler)) }

// showProgress keeps a line about the run on a terminal. The returned function ends
// that.
func showProgress(out *os.File) (stop func()) {
	if !isatty.IsTerminal(out.Fd()) {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		rate := meter{at: time.Now(), records: progress.Records.Load()}
		for {
			select {
			case <-done:
				fmt.Fprint(out, clear)
				return
			case <-time.After(200 * time.Millisecond):
				fmt.Fprint(out, clear, status(rate.perSecond(time.Now()), time.Now()))
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// clear empties a terminal's line.
const clear = "\r\x1b[K"

// tellProblems prints what fails for a while, and what a run can't do, a line each.
func tellProblems(out *os.File) {
	begin := ""
	if isatty.IsTerminal(out.Fd()) {
		begin = clear
	}
	progress.OnProblem(func(text string) {
		fmt.Fprintf(out, "%s%s conversions: %s\n", begin, time.Now().UTC().Format(time.RFC3339), text)
	})
}

// status is the line about a run.
func status(recordsPerSecond float64, now time.Time) string {
	line := fmt.Sprintf("%d records read, %d windows written, %d rejects", progress.Records.Load(), progress.Windows(), progress.Rejects.Load())
	if oldest, live := oldestWatermark(); live {
		line += fmt.Sprintf(", %.0f records/s", recordsPerSecond)
		if oldest > 0 {
			at := time.UnixMilli(oldest).UTC()
			line += fmt.Sprintf(", watermark %s (%v behind)", at.Format("2006-01-02 15:04:05Z"), now.Sub(at).Truncate(time.Second))
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
