package flink

import (
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

// Attend is called by a worker on a cluster before its work begins. Beam's boot
// program (2.77) starts a worker and, when a TaskManager ends it, leaves the
// worker behind: so the worker ends when boot is gone.
func Attend(folder string) {
	if program, err := os.Executable(); err == nil && folder != "" {
		// Without it, a copy stays for longer.
		_ = os.WriteFile(filepath.Join(folder, CopyFile), []byte(filepath.Dir(program)), 0o644)
	}
	boot := os.Getppid()
	if text, err := os.ReadFile(filepath.Join(folder, PIDFile)); err == nil && folder != "" {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			boot = pid // which may be gone by now
		}
	}
	go func() {
		for os.Getppid() == boot {
			time.Sleep(250 * time.Millisecond)
		}
		os.Exit(1)
	}()
}
