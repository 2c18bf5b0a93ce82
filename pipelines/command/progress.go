package command

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
)

// clearLine empties a terminal's line.
const clearLine = "\r\x1b[K"

// refresh is how often a line is written anew that follows something.
const refresh = 200 * time.Millisecond

// Progress is a line that tells how far a program is. On a terminal it is written
// over and over; elsewhere only the beginning of each kind of text is printed, up
// to its colon, once. It may be used by several goroutines.
type Progress struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	told     map[string]bool
}

// NewProgress returns the progress line of a file, usually os.Stderr.
func NewProgress(out *os.File) *Progress {
	return &Progress{out: out, terminal: isatty.IsTerminal(out.Fd()), told: map[string]bool{}}
}

// Say puts a text in place of the line.
func (p *Progress) Say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		fmt.Fprint(p.out, clearLine, text)
		return
	}
	kind, _, _ := strings.Cut(text, ":")
	if !p.told[kind] {
		p.told[kind] = true
		fmt.Fprintln(p.out, kind)
	}
}

// Print prints a text that stays.
func (p *Progress) Print(text string) {
	p.Clear()
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.out, text)
}

// Clear removes the line.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		fmt.Fprint(p.out, clearLine)
	}
}

// Follow says what a function returns, again and again, on a terminal alone. The
// returned function ends that.
func (p *Progress) Follow(text func() string) (stop func()) {
	if !p.terminal {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer p.Clear()
		tick := time.NewTicker(refresh)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				p.Say(text())
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
