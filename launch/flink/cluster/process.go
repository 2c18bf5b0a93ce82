package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is a program of a cluster. Its id is kept in a file, and it carries the
// cluster's folder and its name as a mark among its arguments, so that no other
// process is ever taken for it.
type Process struct {
	dir  string // the cluster's
	Name string
}

func (p Process) file() string { return filepath.Join(p.dir, p.Name+".pid") }

// Log is the file of its log.
func (p Process) Log() string { return filepath.Join(p.dir, "log", p.Name+".log") }

// Out is the file of what it prints.
func (p Process) Out() string { return filepath.Join(p.dir, "log", p.Name+".out") }

func (p Process) mark() string { return "-Dadtoorder.process=" + p.dir + "/" + p.Name }

// PID returns the process's id, and whether it is alive.
func (p Process) PID() (pid int, alive bool) { return marked(p.file(), p.mark()+" ") }

// marked returns the id that a file holds, and whether a process of that id is
// alive that has a mark among its arguments.
func marked(file, mark string) (pid int, alive bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	if pid, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
		return 0, false
	}
	args, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return pid, err == nil && strings.Contains(string(args), mark)
}

// java starts the process in a folder of its own; it goes on when this one ends.
// What it prints is appended to its log.
func (p Process) java(args ...string) error {
	work := filepath.Join(p.dir, "work", p.Name)
	for _, dir := range []string{work, filepath.Join(p.dir, "log")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	out, err := os.OpenFile(p.Out(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command("java", append([]string{p.mark(), "-Dlog.file=" + p.Log()}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = work, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no signal of this terminal's reaches it
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.Name, err)
	}
	return os.WriteFile(p.file(), []byte(strconv.Itoa(cmd.Process.Pid)+"\n"), 0o644)
}

// stop ends the process: gently, and after some seconds at once.
func (p Process) stop() error {
	for i := range 100 {
		pid, alive := p.PID()
		if !alive {
			if err := os.Remove(p.file()); !os.IsNotExist(err) {
				return err
			}
			return nil
		}
		signal := syscall.SIGTERM
		if i >= 50 {
			signal = syscall.SIGKILL
		}
		if i%50 == 0 {
			if err := syscall.Kill(pid, signal); err != nil && err != syscall.ESRCH {
				return fmt.Errorf("stopping %s, process %d: %w", p.Name, pid, err)
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%s does not end", p.Name)
}
