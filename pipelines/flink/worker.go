package flink

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// CopyFile names, in a worker's folder, the folder that Beam's boot program has
// copied the worker's program to. Boot leaves it there.
const CopyFile = "copy"

// PIDFile holds, in a worker's folder, the process id of the boot program. The
// worker ends with it.
const PIDFile = "boot.pid"

// FolderVariable names, in the environment of a worker on a cluster of ours, the
// folder that relative paths among its flags mean. Boot itself starts in the
// worker's folder, where it writes the file of options.
const FolderVariable = "ADTOORDER_FOLDER"

// optionsVariable names the file of options that boot has written for its worker.
const optionsVariable = "PIPELINE_OPTIONS_FILE"

// parentPoll is how often a worker looks whether boot is there.
const parentPoll = 250 * time.Millisecond

// ExitWithParent is called by a worker on a cluster before its work begins. Beam's
// boot program (2.77) starts a worker and, when a TaskManager ends it, leaves the
// worker behind: so the worker ends when boot is gone. On a cluster of ours it
// works in the folder of its flags.
func ExitWithParent(work string) error {
	boot := os.Getppid()
	if folder := os.Getenv(FolderVariable); folder != "" {
		if program, err := os.Executable(); err == nil {
			// Without it, a copy stays for longer.
			_ = os.WriteFile(filepath.Join(work, CopyFile), []byte(filepath.Dir(program)), 0o644)
		}
		if text, err := os.ReadFile(filepath.Join(work, PIDFile)); err == nil {
			if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
				boot = pid // which may be gone by now
			}
		}
		if err := enter(folder); err != nil {
			return fmt.Errorf("going to the folder of the job's flags: %w", err)
		}
	}
	go func() {
		for os.Getppid() == boot {
			time.Sleep(parentPoll)
		}
		os.Exit(1)
	}()
	return nil
}

// enter has the process work in a folder, and find its options all the same.
func enter(folder string) error {
	if options := os.Getenv(optionsVariable); options != "" {
		absolute, err := filepath.Abs(options)
		if err != nil {
			return err
		}
		if err := os.Setenv(optionsVariable, absolute); err != nil {
			return err
		}
	}
	return os.Chdir(folder)
}
