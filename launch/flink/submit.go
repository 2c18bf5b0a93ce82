package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"adtoorder/pipelines/flink"
)

// job is a job of the engine on its way to the cluster.
type job struct {
	cluster    flink.Cluster
	name       string
	dir        string // its folder: the worker, and what starts it
	submission submission
	id         string // Flink's, once it is known
}

func submit(ctx context.Context, o options, out io.Writer) error {
	if err := refuseTaken(o.flags); err != nil {
		return err
	}
	c, err := findCluster(o)
	if err != nil {
		return err
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	return submitJob(ctx, o, c, submission{folder, o.flags}, "", out)
}

// submitJob builds the engine and submits it to the cluster.
func submitJob(ctx context.Context, o options, c flink.Cluster, s submission, savepoint string,
	out io.Writer) (err error) {
	if o.parallelism, err = slots(ctx, c, o.parallelism); err != nil {
		return err
	}
	s.Flags = fixStart(s.Flags, time.Now())
	name := "conversions-" + time.Now().UTC().Format("20060102-150405.000")
	j := job{cluster: c, name: name, dir: filepath.Join(c.Dir, "jobs", name), submission: s}
	if err := j.prepareDir(); err != nil {
		return err
	}
	say, done := progress(os.Stderr)
	defer done()
	say("building the worker")
	worker, err := j.build(ctx)
	if err != nil {
		return err
	}
	say("submitting the job")
	run := j.submitter(ctx, worker, o, savepoint, out)
	if err := run.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", worker, err)
	}
	if o.wait {
		ended := make(chan error, 1)
		go func() { ended <- run.Wait() }()
		return j.awaitEnd(ctx, ended, say)
	}
	if err := run.Wait(); err != nil {
		return failed(err)
	}
	started, err := j.awaitStart(ctx)
	if err == nil {
		err = j.remember(started.ID)
	}
	if err != nil {
		return err
	}
	done()
	fmt.Fprintf(out, "job %s %s\n%s/#/job/%s\n", started.ID, started.State, c.Web, started.ID)
	return nil
}

// failed is the error of a submitter that has said itself what is wrong.
func failed(err error) error {
	return fmt.Errorf("the job was not accepted, or failed: %w", err)
}

// freeLimit is how long the slots of a job that has just ended may take to be free.
const freeLimit = 15 * time.Second

// slots returns how many slots a job gets: what is wanted, or all that are free.
func slots(ctx context.Context, c flink.Cluster, wanted int) (int, error) {
	for began := time.Now(); ; {
		got, err := c.REST().Overview(ctx)
		switch {
		case err != nil:
			return 0, err
		case wanted == 0 && got.SlotsAvailable > 0:
			return got.SlotsAvailable, nil
		case wanted > 0 && got.SlotsAvailable >= wanted:
			return wanted, nil
		case time.Since(began) > freeLimit:
			return 0, fmt.Errorf("the cluster has %d free slots of %d, and the job needs %d; stop another job, or "+
				"start TaskManagers: go run ./launch/flink up --task_managers N",
				got.SlotsAvailable, got.SlotsTotal, max(1, wanted))
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(pollInterval):
		}
	}
}

// submitter prepares the process that gives the job to the job server: the
// engine's own program.
func (j *job) submitter(ctx context.Context, worker string, o options, savepoint string, out io.Writer) *exec.Cmd {
	environment, _ := json.Marshal(map[string]string{"command": filepath.Join(j.dir, "start")})
	args := append(slices.Clone(j.submission.Flags), "--runner=flink", "--endpoint="+j.cluster.Endpoint,
		"--environment_type=PROCESS", "--environment_config="+string(environment),
		"--worker_binary="+worker, "--job_name="+j.name, "--parallelism="+strconv.Itoa(o.parallelism))
	if savepoint != "" {
		args = append(args, "--flink_savepoint="+savepoint)
	}
	if !o.wait {
		args = append(args, "--async")
	}
	run := exec.CommandContext(ctx, worker, args...)
	run.Dir, run.Stdout, run.Stderr = j.submission.Folder, out, os.Stderr
	return run
}

// prepareDir makes the job's folder, with what it runs with and what starts its
// workers.
func (j *job) prepareDir() error {
	if err := j.submission.write(filepath.Join(j.dir, submissionFile)); err != nil {
		return err
	}
	script := fmt.Sprintf(startScript, quoted(j.name), flink.CopyFile, flink.PIDFile, flink.FolderVariable,
		quoted(j.submission.Folder), quoted(filepath.Join(j.dir, "boot")))
	return os.WriteFile(filepath.Join(j.dir, "start"), []byte(script), 0o755)
}

// remember keeps what the job runs with under its id.
func (j *job) remember(id string) error {
	if j.id == id {
		return nil
	}
	j.id = id
	return j.submission.write(fileOfJob(j.cluster, id))
}

// startScript is what a TaskManager starts, in its own folder. Boot writes files
// where it starts, so each has a folder of its own; the worker goes from there to
// the folder that its flags mean. A worker that is started again takes the place
// of the former's files. Boot (2.77) outlives a TaskManager that was killed: the
// one that the former left is ended here.
const startScript = `#!/bin/sh
work="$PWD/"%s
mkdir -p "$work"
if [ -f "$work/%[2]s" ]; then rm -rf "$(cat "$work/%[2]s")"; fi
if [ -f "$work/%[3]s" ]; then
  former=$(cat "$work/%[3]s")
  parent=$(ps -o ppid= -p "$former" | tr -d ' ')
  if [ -n "$parent" ] && [ "$parent" != "$PPID" ]; then
    case "$(ps -ww -o args= -p "$former")" in
    *"--semi_persist_dir=$work") kill -9 "$former" ;;
    esac
  fi
fi
echo $$ >"$work/%[3]s"
cd "$work" || exit 1
TMPDIR="$work" %[4]s=%[5]s exec %[6]s "$@" --semi_persist_dir="$work"
`

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
