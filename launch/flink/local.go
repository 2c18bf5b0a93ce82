package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"adtoorder/launch/flink/cluster"
	"adtoorder/pipelines/flink"
)

// findCluster returns the cluster on this machine.
func findCluster(o options) (c flink.Cluster, err error) {
	c, found, err := flink.Find(o.Endpoint)
	if err == nil && !found {
		err = fmt.Errorf("no cluster of ours is up at --endpoint=%s; start one: go run ./launch/flink up", o.Endpoint)
	}
	return c, err
}

// processes returns the cluster on this machine and its programs.
func processes(o options) (c flink.Cluster, all []cluster.Process, err error) {
	if c, err = findCluster(o); err == nil {
		all, err = cluster.Processes(c)
	}
	return c, all, err
}

func up(ctx context.Context, o options, out io.Writer) error {
	say, done := progress(os.Stderr)
	c, err := cluster.Up(ctx, o.Options, say)
	done()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Flink is up: %s\nIts job server: %s\nIts folder: %s\n", c.Web, c.Endpoint, c.Dir)
	return nil
}

func down(_ context.Context, o options, out io.Writer) error {
	c, found, err := flink.Find(o.Endpoint)
	if err != nil {
		return err
	}
	if !found {
		fmt.Fprintln(out, "No cluster is up.")
		return nil
	}
	if err := cluster.Down(c); err != nil {
		return err
	}
	fmt.Fprintln(out, "The cluster is down.")
	return nil
}

func status(ctx context.Context, o options, out io.Writer) error {
	c, all, err := processes(o)
	if err != nil {
		return err
	}
	for _, p := range all {
		state := "has ended; go run ./launch/flink up starts it again"
		if pid, alive := p.PID(); alive {
			state = fmt.Sprintf("process %d", pid)
		}
		fmt.Fprintf(out, "%-16s %s\n", p.Name, state)
	}
	flinks := c.REST()
	slots, err := flinks.Overview(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-16s %s, %d of %d slots free\n", "page", c.Web, slots.SlotsAvailable, slots.SlotsTotal)
	jobs, err := flinks.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if err := describe(ctx, c, j, out); err != nil {
			return err
		}
	}
	return nil
}

// describe tells of a job, its checkpoints, and what failed last.
func describe(ctx context.Context, c flink.Cluster, j flink.JobStatus, out io.Writer) error {
	flinks := c.REST()
	fmt.Fprintf(out, "job %s %s %s for %v\n", j.ID, j.Name, j.State,
		(time.Duration(j.Duration) * time.Millisecond).Round(time.Second))
	points, err := flinks.Checkpoints(ctx, j.ID)
	if err != nil {
		points = flink.Checkpoints{} // a batch has none
	}
	if last := points.Latest.Completed; last != nil {
		fmt.Fprintf(out, "    %d checkpoints, the last %s, %d ms, %d kB\n", points.Counts.Completed,
			time.UnixMilli(last.At).UTC().Format(time.TimeOnly+"Z"), last.Duration, last.Size/1000)
	}
	if failed := points.Latest.Failed; failed != nil && (points.Latest.Completed == nil ||
		failed.At > points.Latest.Completed.At) {
		fmt.Fprintf(out, "    the last checkpoint failed at %s: %s %s\n",
			time.UnixMilli(failed.At).UTC().Format(time.TimeOnly+"Z"), failed.Message, cluster.LastCause(c))
	}
	text, at, err := flinks.Exception(ctx, j.ID)
	if err == nil && text != "" {
		fmt.Fprintf(out, "    the last failure was at %s: %s\n", time.UnixMilli(at).UTC().Format(time.TimeOnly+"Z"),
			flink.RootCause(text))
	}
	return err
}

// tail is how much of each log is printed, in bytes.
const tail = 4000

func logs(_ context.Context, o options, out io.Writer) error {
	_, all, err := processes(o)
	if err != nil {
		return err
	}
	for _, p := range all {
		for _, file := range []string{p.Log(), p.Out()} {
			if err := printEnd(file, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// printEnd prints the last whole lines of a file, if it has any.
func printEnd(file string, out io.Writer) error {
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if cut := len(text) - tail; cut > 0 {
		_, text, _ = bytes.Cut(text[cut:], []byte("\n"))
	}
	if text = bytes.TrimSpace(text); len(text) > 0 {
		fmt.Fprintf(out, "==> %s\n%s\n", file, text)
	}
	return nil
}
