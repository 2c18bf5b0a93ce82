package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"adtoorder/io/install"
	"adtoorder/pipelines/flink"
)

// Processes returns the programs that were started for a cluster.
func Processes(c flink.Cluster) (all []Process, err error) {
	if err := install.Need("ps"); err != nil { // which tells what is alive
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, "*.pid"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		all = append(all, Process{c.Dir, strings.TrimSuffix(filepath.Base(file), ".pid")})
	}
	return all, nil
}

// Down ends a cluster and what runs on it. Its logs, checkpoints and savepoints
// stay, with the flags of their jobs; the rest goes, once nothing runs any more.
func Down(c flink.Cluster) error {
	all, err := Processes(c)
	if err != nil {
		return err
	}
	for _, p := range all {
		err = errors.Join(err, p.stop())
	}
	if err := errors.Join(err, stopWorkers(c)); err != nil {
		return err
	}
	copies, _ := filepath.Glob(filepath.Join(c.Dir, "work", "*", "*", flink.CopyFile))
	for _, file := range copies {
		// as boot names it
		if folder, err := os.ReadFile(file); err == nil && strings.HasPrefix(string(folder), "/tmp/bin") {
			os.RemoveAll(string(folder))
		}
	}
	for _, sub := range []string{"tmp", "work", "jobs"} {
		err = errors.Join(err, os.RemoveAll(filepath.Join(c.Dir, sub)))
	}
	return errors.Join(err, c.Forget())
}

// stopWorkers ends the boot programs that were starting when their TaskManager
// was killed; their workers end with them.
func stopWorkers(c flink.Cluster) error {
	files, err := filepath.Glob(filepath.Join(c.Dir, "work", "*", "*", flink.PIDFile))
	if err != nil {
		return err
	}
	for _, file := range files {
		pid, alive := marked(file, "--semi_persist_dir="+filepath.Dir(file))
		if !alive {
			continue
		}
		if kill := syscall.Kill(pid, syscall.SIGKILL); kill != nil && kill != syscall.ESRCH {
			err = errors.Join(err, fmt.Errorf("stopping the worker of %s, process %d: %w", file, pid, kill))
		}
	}
	return err
}
