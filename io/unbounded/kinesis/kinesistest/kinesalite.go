// Package kinesistest runs kinesalite, a stand-in for Kinesis in Node.js. It is
// for tests only.
package kinesistest

import (
	"fmt"
	"os/exec"
	"testing"

	"adtoorder/io/install"
	"adtoorder/io/testenv"
)

const version = "3.3.3"

// script runs the server on a free port of this machine, and prints the port.
// It ends with its standard input, so that it never outlives the test's process.
const script = `
const server = require("kinesalite")({
  shardLimit: 100, createStreamMs: 50, updateStreamMs: 50, deleteStreamMs: 50,
})
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
	dir, err := install.Node(t.Context(), "kinesalite", version)
	if err != nil {
		t.Fatalf("installing kinesalite: %v", err)
	}
	server := exec.Command("node", "-e", script)
	server.Dir = dir
	return fmt.Sprintf("http://127.0.0.1:%d", testenv.StartServer(t, "kinesalite", server))
}
