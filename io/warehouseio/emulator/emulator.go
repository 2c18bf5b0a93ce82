// Package emulator runs local-bigquery, a stand-in for BigQuery in Python, with
// REST and the Storage Write API. It is for tests only.
package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const version = "0.3.2"

// packages are what the stand-in is made of. DuckDB's extensions have to be of its
// own version.
var packages = []string{"local-bigquery==" + version, "duckdb==1.5.5", "duckdb-extension-icu==1.5.5",
	"duckdb-extension-ducklake==1.5.5", "duckdb-extension-spatial==1.5.5", "duckdb-extension-httpfs==1.5.5"}

// setup installs these extensions where DuckDB looks for them: under HOME.
const setup = `
import duckdb, glob, sysconfig
for file in glob.glob(sysconfig.get_paths()["purelib"] + "/duckdb_extension_*/**/*.duckdb_extension", recursive=True):
    duckdb.connect().execute("INSTALL '" + file + "'")`

// watch runs the server, and ends it with the standard input, so that it never
// outlives the test's process.
const watch = `
import os, subprocess, sys
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
sys.stdin.read()
server.kill()
server.wait()`

// Server is a running stand-in.
type Server struct {
	Endpoint     string // http://HOST:PORT
	GRPCEndpoint string // HOST:PORT
}

// URI returns that of a dataset, which is made at first.
func (s Server) URI(project, dataset string) string {
	options := url.Values{"location": {"EU"}, "endpoint": {s.Endpoint}, "grpc_endpoint": {s.GRPCEndpoint}}
	return fmt.Sprintf("bigquery://%s/%s?%s", project, dataset, options.Encode())
}

// Start runs a server without datasets until the test's end. It is installed at
// first, into the user's cache directory.
func Start(t testing.TB) Server {
	t.Helper()
	dir, err := install()
	if err != nil {
		t.Fatalf("installing local-bigquery: %v", err)
	}
	rest, grpc := freePort(t), freePort(t)
	server := exec.Command(filepath.Join(dir, "bin", "python"), "-c", watch, filepath.Join(dir, "bin", "local-bigquery"),
		"--host", "127.0.0.1", "--port", rest, "--grpc-port", grpc, "--data-dir", t.TempDir(), "serve")
	server.Env = append(os.Environ(), "HOME="+dir, "GCS_LOCAL_ROOT="+t.TempDir())
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	input, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatalf("starting local-bigquery: %v", err)
	}
	t.Cleanup(func() {
		input.Close()
		server.Wait()
		if t.Failed() {
			t.Logf("local-bigquery said: %s", last(said.Bytes(), 4000))
		}
	})
	s := Server{"http://127.0.0.1:" + rest, "127.0.0.1:" + grpc}
	if err := s.await(); err != nil {
		t.Fatalf("waiting for local-bigquery: %v", err)
	}
	return s
}

// await returns when both ports answer.
func (s Server) await() (err error) {
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(100 * time.Millisecond) {
		answer, failed := http.Get(s.Endpoint + "/bigquery/v2/projects/p/datasets")
		if err = failed; err != nil {
			continue
		}
		answer.Body.Close()
		c, failed := net.Dial("tcp", s.GRPCEndpoint)
		if err = failed; err == nil {
			return c.Close()
		}
	}
	return err
}

func freePort(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func last(text []byte, n int) []byte { return text[max(0, len(text)-n):] }

// install returns the environment that holds the server. Several tests may install
// it at once: the first one stays.
func install() (dir string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(cache, "adtoorder", "local-bigquery-"+version)
	ready := filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return dir, nil
	}
	python, err := findPython()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(ready); err == nil {
		return dir, nil
	}
	bin := filepath.Join(dir, "bin")
	for _, args := range [][]string{
		{python, "-m", "venv", "--clear", dir}, // its scripts name this folder, so it can't be moved
		append([]string{filepath.Join(bin, "pip"), "install", "-q", "--disable-pip-version-check"}, packages...),
		{filepath.Join(bin, "python"), "-c", setup},
	} {
		c := exec.Command(args[0], args[1:]...)
		c.Env = append(os.Environ(), "HOME="+dir)
		if said, err := c.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w: %s", c, err, last(said, 2000))
		}
	}
	return dir, os.WriteFile(ready, nil, 0o644)
}

// findPython returns a Python 3.13, which local-bigquery wants.
func findPython() (string, error) {
	candidates := []string{"python3.13", "python3"}
	if home, err := os.UserHomeDir(); err == nil {
		installed, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "3.13.*", "bin", "python3"))
		candidates = append(candidates, installed...)
	}
	for _, python := range candidates {
		said, err := exec.Command(python, "-c", "import sys, venv; print(sys.version_info[:2] == (3, 13))").Output()
		if err == nil && bytes.HasPrefix(said, []byte("True")) {
			return python, nil
		}
	}
	return "", errors.New("Python 3.13 is missing, run: pyenv install 3.13")
}
