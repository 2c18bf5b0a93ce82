package main

import (
	"fmt"
	"os"
	"time"

	"adtoorder/io/progress"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/mattn/go-isatty"
)

// quiet leaves the log to warnings and errors: the progress line and the
// summary say what a run does.
func quiet() {
	log.LogLevel = "warn"
	log.SetupLoggingWithDefault()
}

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
				fmt.Fprintf(terminal, "\r\x1b[K%d records read, %d files written", progress.Records.Load(), progress.Files.Load())
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
