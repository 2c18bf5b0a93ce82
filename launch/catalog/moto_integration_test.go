//go:build integration

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const motoVersion = "5.2.5"

// motoScript runs moto on a free port of this machine, and prints the port. It
// ends with its standard input, so that it never outlives the test's process.
const motoScript = `
import sys
from moto.server import ThreadedMotoServer
told, sys.stdout = sys.stdout, sys.stderr
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
server.start()
print(server.get_host_and_port()[1], file=told, flush=True)
sys.stdin.read()
`

func TestGlueOfMoto(t *testing.T) {
	for name, test := range glueTests {
		t.Run(name, func(t *testing.T) { test(t, connect(t, startMoto(t))) })
	}
}

// startMoto runs an empty moto until the test's end, and returns its endpoint.
func startMoto(t *testing.T) string {
	t.Helper()
	python, err := installMoto()
	require.NoError(t, err)
	server := exec.Command(python, "-c", motoScript)
	var said bytes.Buffer
	server.Stderr = &said
	_, err = server.StdinPipe() // open until this process ends
	require.NoError(t, err)
	output, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
		if t.Failed() {
			t.Logf("moto said: %s", &said)
		}
	})
	var port int
	_, err = fmt.Fscan(output, &port)
	require.NoError(t, err, "moto does not tell its port: %s", &said)
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}

// installMoto makes a Python environment with moto in the user's cache directory,
// unless it is there, and returns its Python.
func installMoto() (python string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "adtoorder", "moto-"+motoVersion)
	python, whole := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "whole")
	if _, err := os.Stat(whole); err == nil {
		return python, nil
	}
	if _, err := exec.LookPath("python3"); err != nil {
		return "", errors.New("python3 is missing, run: sudo apt-get install python3 python3-venv python3-pip")
	}
	for _, args := range [][]string{
		{"python3", "-m", "venv", "--clear", dir},
		{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "moto[server]==" + motoVersion},
	} {
		if said, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("installing moto: %v: %w: %s", args, err, said)
		}
	}
	return python, os.WriteFile(whole, nil, 0o644)
}
