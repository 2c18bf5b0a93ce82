// Package kinesalite runs kinesalite, a stand-in for Kinesis in Node.js. It is
// for tests only.
package kinesalite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const version = "3.3.3"

// script runs the server on a free port of this machine, and prints the port.
// It ends with its standard input, so that it never outlives the test's process.
const script = `
const server = require("kinesalite")({shardLimit: 100, createStreamMs: 50, updateStreamMs: 50, deleteStreamMs: 50})
server.listen(0, "127.0.0.1", () => console.log(server.address().port))
process.stdin.on("end", () => process.exit()).resume()`

// Start runs a server without streams until the test's end, and returns its
// endpoint. It is installed at first, into the user's cache directory. The
// environment gets the credentials that the SDK wants, so the test can't be
// parallel. GetShardIterator never answers where it is asked for a time that no
// record of the shard has come after.
func Start(t testing.TB) (endpoint string) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_CA_BUNDLE", "")
	dir, err := install()
	if err != nil {
		t.Fatalf("installing kinesalite: %v", err)
	}
	server := exec.Command("node", "-e", script)
	server.Dir = dir
	var problems bytes.Buffer
	server.Stderr = &problems
	if _, err := server.StdinPipe(); err != nil { // open until this process ends
		t.Fatal(err)
	}
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatalf("starting kinesalite: %v", err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
		if t.Failed() {
			t.Logf("kinesalite said: %s", &problems)
		}
	})
	var port int
	if _, err := fmt.Fscan(output, &port); err != nil {
		t.Fatalf("kinesalite does not tell its port: %v", err)
	}
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}

// install returns the directory that holds kinesalite. Several tests may install
// it at once: the first one stays.
func install() (dir string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(cache, "adtoorder", "kinesalite-"+version)
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%s is missing, run: sudo apt-get install nodejs npm", tool)
		}
	}
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
	npm := exec.Command("npm", "install", "--prefix", fresh, "--ignore-scripts", "--no-audit", "--no-fund", "kinesalite@"+version)
	if said, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w: %s", npm, err, said)
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return dir, nil
}
