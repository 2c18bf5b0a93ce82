package main

import "syscall"

// inGroup has a process be the first of its own group, and end with this one.
func inGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
