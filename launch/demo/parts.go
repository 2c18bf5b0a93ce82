package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"adtoorder/pipelines/command"
)

const (
	// window is short, so that a row comes seconds after its clicks.
	window = "10s"
	// lateness is longer than the shortest lateness that the generator makes.
	lateness = "2m"
	// every is how often the folder gets a file.
	every = "2s"
	// promotions are as many as a chart shows well.
	promotions = "8"
	evenings   = 3
	// clicks is how many an evening has.
	clicks = 3000
)

// mark tells a folder that a demo has made, and may remove.
const mark = ".demo"

// clear empties the demo's folder, if it is one.
func (d demo) clear() error {
	entries, err := os.ReadDir(d.dir)
	if err == nil && len(entries) > 0 {
		if _, err := os.Stat(d.path(mark)); err != nil {
			return command.Refuse("dir", d.dir, "holds something that is not a demo's; give another")
		}
		if err := os.RemoveAll(d.dir); err != nil {
			return fmt.Errorf("removing the last demo: %w", err)
		}
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return command.Refuse("dir", d.dir, err.Error())
	}
	if err := os.MkdirAll(d.path("in"), 0o755); err != nil {
		return command.Refuse("dir", d.dir, err.Error())
	}
	return os.WriteFile(d.path(mark), nil, 0o644)
}

func (d demo) build(ctx context.Context) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", d.path("bin")+string(filepath.Separator),
		"adtoorder/pipelines/conversions", "adtoorder/pipelines/generate", "adtoorder/launch/dashboard")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the programs: %w", err)
	}
	return nil
}

// faults are what traffic has of every kind.
var faults = []string{"--promotions=" + promotions, "--late=0.01", "--duplicates=0.01", "--malformed=0.002"}

// history generates the evenings of the last days.
func (d demo) history(ctx context.Context) error {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for n := 1; n <= evenings; n++ {
		start := today.AddDate(0, 0, -n).Add(18 * time.Hour)
		args := append([]string{"--clicks=" + strconv.Itoa(clicks), "--orders=" + strconv.Itoa(clicks/10), "--start=" +
			start.Format(time.RFC3339), "--span=2h",
			"--seed=" + strconv.Itoa(n), "--out=" + d.path("history/"+start.Format(time.DateOnly))}, faults...)
		if text, err := exec.CommandContext(ctx, d.path("bin/generate"), args...).CombinedOutput(); err != nil {
			return fmt.Errorf("generating an evening: %w: %s", err, text)
		}
	}
	return nil
}

// source is the watched folder of a stream, as engine and generator name it.
func (d demo) source(stream string) string {
	return "--" + stream + "=watch:" + d.path("in/"+stream+"-*") + "?every=" + every
}

// start starts the parts; what it has started is returned beside an error, too.
func (d demo) start() (all *parts, err error) {
	all = &parts{failed: make(chan error, 3)}
	warehouse := "--warehouse=sqlite:" + d.path("warehouse.db")
	live := append([]string{d.source("clicks"), d.source("orders"), "--rate=" + strconv.Itoa(d.rate)}, faults...)
	engine := []string{"--clicks=" + d.path("history/*/clicks.jsonl"), "--orders=" + d.path("history/*/orders.jsonl"),
		d.source("clicks"), d.source("orders"),
		"--window=" + window, "--allowed_lateness=" + lateness, "--out_of_orderness=2s", "--lake=" +
			d.path("lake"), warehouse}
	for _, p := range []struct {
		name string
		args []string
	}{{"dashboard", []string{warehouse, "--listen=" + d.listen}}, {"conversions", engine}, {"generate", live}} {
		if err := all.start(d, p.name, p.args); err != nil {
			return all, err
		}
	}
	return all, nil
}

// parts are running processes, in the order of their start.
type parts struct {
	running []*part
	failed  chan error // a part that has ended by itself
}

type part struct {
	name  string
	cmd   *exec.Cmd
	log   string
	ended chan error
}

// start starts a part in a group of its own: Ctrl-C reaches the demo alone, which
// ends its parts in order. If the demo is killed, they go with it.
func (all *parts) start(d demo, name string, args []string) error {
	p := &part{name: name, cmd: exec.Command(d.path("bin/"+name), args...), log: d.path(name + ".log"),
		ended: make(chan error, 1)}
	log, err := os.Create(p.log)
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = log, log, inGroup()
	if name == "dashboard" {
		p.cmd.Stdout = os.Stdout // it says where the page is
	}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	all.running = append(all.running, p)
	go func() {
		err := p.cmd.Wait()
		p.ended <- err
		all.failed <- fmt.Errorf("%s has ended (%v): %s", name, err, lastLine(p.log))
	}()
	return nil
}

func lastLine(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return strings.TrimSpace(string(lines[len(lines)-1])) + "; see " + file
}

// endTimeout bounds how long a part may take to end: the engine writes what it has read,
// which takes it a second or two, and much longer on a machine that is busy with others.
const endTimeout = 2 * time.Minute

// stop ends the parts, the last one that was started first, and returns why the
// demo has ended, or that a part did not.
func (all *parts) stop(why error) error {
	for n := len(all.running) - 1; n >= 0; n-- {
		p := all.running[n]
		p.cmd.Process.Signal(syscall.SIGTERM) // one that has ended is an error that tells nothing
		select {
		case <-p.ended:
		case <-time.After(endTimeout):
			p.cmd.Process.Kill()
			<-p.ended
			why = errors.Join(why, fmt.Errorf("%s did not end within %v and was killed", p.name, endTimeout))
		}
	}
	return why
}
