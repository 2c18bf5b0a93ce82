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

// showProgress keeps a line about the run on a terminal, and nothing elsewhere.
// The returned function ends it.
func showProgress(terminal *os.File) (stop func()) {
	if !isatty.IsTerminal(terminal.Fd()) {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				fmt.Fprint(terminal, "\r\x1b[K")
				return
			case <-time.After(200 * time.Millisecond):
				fmt.Fprintf(terminal, "\r\x1b[K%d records read, %d windows written", progress.Records.Load(), progress.Windows())
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
