//go:build !linux

package main

import "syscall"

// inGroup has a process be the first of its own group.
func inGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
