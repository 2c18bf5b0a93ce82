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

	"adtoorder/launch/flink/cluster"
	"adtoorder/pipelines/flink"
)

// job is a job of the engine on its way to the cluster.
type job struct {
	cluster flink.Cluster
	name    string
	dir     string   // its folder: the worker, and what starts it
	flags   []string // of pipelines/conversions
}

func submit(ctx context.Context, o options, out io.Writer) error {
	if len(o.args) > 0 {
		return &usageError{fmt.Sprintf("%q is too much; the flags of pipelines/conversions stand behind --", o.args[0])}
	}
	return give(ctx, o, o.flags, "", out)
}

// give builds the engine and gives it to the cluster.
func give(ctx context.Context, o options, flags []string, savepoint string, out io.Writer) error {
	c, err := here(o)
	if err != nil {
		return err
	}
	if o.parallelism, err = slots(ctx, c, o.parallelism); err != nil {
		return err
	}
	name := "conversions-" + time.Now().UTC().Format("20060102-150405.000")
	j := job{cluster: c, name: name, dir: filepath.Join(c.Dir, "jobs", name), flags: flags}
	if err := j.keepFlags(j.dir); err != nil {
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

// freed is how long the slots of a job that has just ended may take to be free.
const freed = 15 * time.Second

// slots returns how many slots a job gets: what is wanted, or all that are free.
func slots(ctx context.Context, c flink.Cluster, wanted int) (int, error) {
	for began := time.Now(); ; {
		got, err := cluster.Of(c).Overview(ctx)
		switch {
		case err != nil:
			return 0, err
		case wanted == 0 && got.SlotsAvailable > 0:
			return got.SlotsAvailable, nil
		case wanted > 0 && got.SlotsAvailable >= wanted:
			return wanted, nil
		case time.Since(began) > freed:
			return 0, fmt.Errorf("the cluster has %d free slots of %d, and the job needs %d; stop another job, or start TaskManagers: go run ./launch/flink up --task_managers N",
				got.SlotsAvailable, got.SlotsTotal, max(1, wanted))
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(look):
		}
	}
}

// build builds the worker, unless the flags name one, and Beam's boot program
// that starts it. Both run on this machine, as the cluster does. They are built
// where the last ones stand, which go build leaves as they are if nothing has
// changed; a job keeps a worker of its own.
func (j *job) build(ctx context.Context) (worker string, err error) {
	if err := goBuild(ctx, filepath.Join(j.cluster.Dir, "boot"), "github.com/apache/beam/sdks/v2/go/container"); err != nil {
		return "", err
	}
	if given := valueOf(j.flags, "worker_binary"); given != "" {
		if worker, err = filepath.Abs(given); err != nil {
			return "", err
		}
		return worker, cluster.RunsHere(worker)
	}
	latest := filepath.Join(j.cluster.Dir, "conversions")
	if err := goBuild(ctx, latest, "adtoorder/pipelines/conversions"); err != nil {
		return "", err
	}
	worker = filepath.Join(j.dir, "worker")
	program, err := os.ReadFile(latest)
	if err != nil {
		return "", err
	}
	return worker, os.WriteFile(worker, program, 0o755)
}

func goBuild(ctx context.Context, to, what string) error {
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", to, what)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w: %s", what, err, text)
	}
	return nil
}

// submitter prepares the process that gives the job to the job server: the
// engine's own program.
func (j *job) submitter(ctx context.Context, worker string, o options, savepoint string, out io.Writer) *exec.Cmd {
	environment, _ := json.Marshal(map[string]string{"command": filepath.Join(j.dir, "start")})
	args := append(slices.Clone(j.flags), "--runner=flink", "--endpoint="+j.cluster.Endpoint, "--environment_type=PROCESS", "--environment_config="+string(environment),
		"--worker_binary="+worker, "--job_name="+j.name, "--parallelism="+strconv.Itoa(o.parallelism))
	if savepoint != "" {
		args = append(args, "--flink_savepoint="+savepoint)
	}
	if !o.wait {
		args = append(args, "--async")
	}
	run := exec.CommandContext(ctx, worker, args...)
	run.Stdout, run.Stderr = out, os.Stderr
	return run
}

// keepFlags writes the job's flags to a folder, and what starts its workers.
func (j *job) keepFlags(dir string) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	script := fmt.Sprintf(startScript, quoted(j.name), flink.CopyFile, quoted(here), quoted(filepath.Join(j.cluster.Dir, "boot")), flink.PIDFile)
	if err := os.WriteFile(filepath.Join(dir, "start"), []byte(script), 0o755); err != nil {
		return err
	}
	return writeFlags(dir, j.flags)
}

// startScript is what a TaskManager starts, in its own folder. Relative paths
// among the flags mean the same to a worker as here, and a worker that is started
// again takes the place of the former's files. Boot (2.77) outlives a TaskManager
// that was killed: the one that the former left is ended here.
const startScript = `#!/bin/sh
work="$PWD/"%s
mkdir -p "$work"
if [ -f "$work/%[2]s" ]; then rm -rf "$(cat "$work/%[2]s")"; fi
if [ -f "$work/%[5]s" ]; then
  former=$(cat "$work/%[5]s")
  parent=$(ps -o ppid= -p "$former" | tr -d ' ')
  if [ -n "$parent" ] && [ "$parent" != "$PPID" ]; then
    case "$(ps -ww -o args= -p "$former")" in
    *"--semi_persist_dir=$work") kill -9 "$former" ;;
    esac
  fi
fi
echo $$ >"$work/%[5]s"
cd %[3]s || exit 1
TMPDIR="$work" exec %[4]s "$@" --semi_persist_dir="$work"
`

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// valueOf returns the value of a flag, "" where it is not given.
func valueOf(flags []string, name string) (value string) {
	for i, f := range flags {
		f = strings.TrimLeft(f, "-")
		if given, ok := strings.CutPrefix(f, name+"="); ok {
			value = given
		} else if f == name && i+1 < len(flags) {
			value = flags[i+1]
		}
	}
	return value
}
