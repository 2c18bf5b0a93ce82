package testenv

import (
	"bytes"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	"adtoorder/io/install"
)

// StartServer runs a server until the test's end, and returns the port that it prints
// first. The server must end with its standard input, so that it never outlives the
// test's process. What it printed is logged where the test fails.
func StartServer(t testing.TB, name string, server *exec.Cmd) (port int) {
	t.Helper()
	var errs bytes.Buffer
	server.Stderr = &errs
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
			t.Logf("%s printed: %s", name, install.Tail(errs.Bytes()))
		}
	})
	if _, err := fmt.Fscan(output, &port); err != nil {
		t.Fatalf("%s does not print its port: %v: %s", name, err, install.Tail(errs.Bytes()))
	}
	return port
}

// startTimeout bounds how long a server may take until it answers, on a machine that is
// busy with others.
const startTimeout = 2 * time.Minute

// Await waits until a server answers: until look returns no error.
func Await(t testing.TB, name string, look func() error) {
	t.Helper()
	var err error
	for began := time.Now(); time.Since(began) < startTimeout; time.Sleep(100 * time.Millisecond) {
		if err = look(); err == nil {
			return
		}
	}
	t.Fatalf("%s does not answer after %v: %v", name, startTimeout, err)
}

// FreePort returns a port of this machine that nobody listens to.
func FreePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
