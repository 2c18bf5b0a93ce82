//go:build integration

package main

import (
	"fmt"
	"os/exec"
	"testing"

	"adtoorder/io/install"
	"adtoorder/io/testenv"

	"github.com/stretchr/testify/require"
)

const motoVersion = "5.2.5"

// motoScript runs moto on a free port of this machine, and prints the port. It
// ends with its standard input, so that it never outlives the test's process.
const motoScript = `
import sys
from moto.server import ThreadedMotoServer
ports, sys.stdout = sys.stdout, sys.stderr
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
server.start()
print(server.get_host_and_port()[1], file=ports, flush=True)
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
	require.NoError(t, install.Need("python3"))
	dir, err := install.Python(t.Context(), "moto-"+motoVersion, "python3", "", "moto[server]=="+motoVersion)
	require.NoError(t, err, "installing moto")
	port := testenv.StartServer(t, "moto", exec.Command(install.Interpreter(dir), "-c", motoScript))
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}
