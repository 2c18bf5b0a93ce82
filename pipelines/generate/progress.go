package main

import (
	"fmt"
	"os"
	"time"

	"adtoorder/pipelines/generate/publish"

	"github.com/mattn/go-isatty"
)

// showProgress keeps a line on a terminal, and nothing elsewhere. The returned
// function ends it.
func showProgress(terminal *os.File, sent *publish.Sent) (stop func()) {
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
				fmt.Fprintf(terminal, "\r\x1b[K%d clicks and %d orders sent", sent.Clicks.Load(), sent.Orders.Load())
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
