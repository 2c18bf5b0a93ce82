// Package testenv installs and runs programs in other languages that stand in for
// services of a cloud. It is for tests only.
package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Install returns the folder of a name in the user's cache directory. Where it is
// not there, build fills it: its folder is renamed when it is done, so nothing in
// it may name the folder. Several tests may install the same at once: the first one
// stays.
func Install(name string, build func(dir string) error) (dir string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(cache, "adtoorder", name)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "install-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	if err := build(fresh); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return dir, nil
}

// Run runs a server until the test's end, and returns the port that it prints
// first. The server must end with its standard input, so that it never outlives the
// test's process. What it says is told where the test fails.
func Run(t testing.TB, name string, server *exec.Cmd) (port int) {
	t.Helper()
	var said bytes.Buffer
	server.Stderr = &said
	if _, err := server.StdinPipe(); err != nil { // open until this process ends
		t.Fatal(err)
	}
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatalf("starting %s: %v", name, err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
		if t.Failed() {
			t.Logf("%s said: %s", name, last(said.Bytes()))
		}
	})
	if _, err := fmt.Fscan(output, &port); err != nil {
		t.Fatalf("%s does not tell its port: %v: %s", name, err, last(said.Bytes()))
	}
	return port
}

// last is the end of what a program has said.
func last(said []byte) []byte { return said[max(0, len(said)-4000):] }
