package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// child is a process to run to its end.
type child struct {
	what  string // for errors
	name  string
	args  []string
	env   []string // beside our own
	stdin string
	limit time.Duration
}

// usage is what a process took.
type usage struct {
	seconds float64 // from its start to its end
	cpu     float64 // seconds of all threads, user and system
	peak    int64   // resident bytes
}

// maxErrorText bounds what is repeated of a failed process's output, in bytes.
const maxErrorText = 2000

// run returns what the process printed. After its limit the process is killed.
func (c child) run(ctx context.Context) ([]byte, usage, error) {
	limited, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	cmd := exec.CommandContext(limited, c.name, c.args...)
	cmd.WaitDelay = 5 * time.Second // for pipes that a process of the child's holds open
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdin = strings.NewReader(c.stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	seconds := time.Since(start).Seconds()
	switch s := cmd.ProcessState; {
	case err == nil:
		return out.Bytes(), usage{seconds, (s.UserTime() + s.SystemTime()).Seconds(), peak(s)}, nil
	case ctx.Err() != nil:
		return nil, usage{}, fmt.Errorf("%s: %w", c.what, ctx.Err())
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return nil, usage{}, fmt.Errorf("%s: took longer than --limit=%s", c.what, c.limit)
	}
	return nil, usage{}, fmt.Errorf("%s: %w%s", c.what, err, tail(errs.Bytes()))
}

// peak is the most memory that a process had resident, in bytes. On Linux it is
// at least the most that this one ever had, which is about 120 MB after a bare
// insert of many rows.
func peak(s *os.ProcessState) int64 {
	u, ok := s.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin":
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) * 1024 // KB elsewhere
}

func tail(text []byte) string {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return ""
	}
	return ": " + string(text[max(0, len(text)-maxErrorText):])
}
