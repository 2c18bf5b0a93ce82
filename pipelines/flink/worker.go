package flink

import (
	"os"
	"path/filepath"
	"time"
)

// CopyFile names, in a worker's folder, the folder that Beam's boot program has
// copied the worker's program to. Boot leaves it there.
const CopyFile = "copy"

// Attend is called by a worker on a cluster before its work begins. Beam's boot
// program (2.77) starts a worker and, when a TaskManager ends it, leaves the
// worker behind: so the worker ends when boot is gone.
func Attend(folder string) {
	if program, err := os.Executable(); err == nil && folder != "" {
		// Without it, a copy stays for longer.
		_ = os.WriteFile(filepath.Join(folder, CopyFile), []byte(filepath.Dir(program)), 0o644)
	}
	boot := os.Getppid()
	go func() {
		for os.Getppid() == boot {
			time.Sleep(250 * time.Millisecond)
		}
		os.Exit(1)
	}()
}
