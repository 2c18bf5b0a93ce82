// Package bigquerytest runs local-bigquery, a stand-in for BigQuery in Python, with
// REST and the Storage Write API. What SQL it takes is also analysed by BigQuery's
// own analyser. It is for tests only.
package bigquerytest

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"adtoorder/io/install"
	"adtoorder/io/testenv"
	"adtoorder/io/warehouse/bigquery/googlesqltest"
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

// script runs the server at the ports of its first two arguments, with data in the
// folder of the third, and prints the first port. It ends with its standard input,
// so that it never outlives the test's process.
const script = `
import os, sys, threading
told, sys.stdout = sys.stdout, sys.stderr
from local_bigquery import cli
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
port, grpc_port, data = sys.argv[1:]
print(port, file=told, flush=True)
cli.main(["--host", "127.0.0.1", "--port", port, "--grpc-port", grpc_port, "--data-dir", data, "serve"])`

// Server is a running stand-in.
type Server struct {
	Endpoint     string // http://HOST:PORT
	GRPCEndpoint string // HOST:PORT
}

// URI returns that of a dataset, which is made at first.
func (s Server) URI(project, dataset string) string {
	options := url.Values{
		"location":      {"EU"},
		"endpoint":      {s.Endpoint + "/bigquery/v2/"},
		"grpc_endpoint": {s.GRPCEndpoint},
	}
	return fmt.Sprintf("bigquery://%s/%s?%s", project, dataset, options.Encode())
}

// Start runs a server without datasets until the test's end. It is installed at
// first, into the user's cache directory.
func Start(t testing.TB) Server {
	t.Helper()
	python, err := install.FindPython("3.13") // which local-bigquery wants
	if err != nil {
		t.Fatal(err)
	}
	dir, err := install.Python(t.Context(), "local-bigquery-"+version, python, setup, packages...)
	if err != nil {
		t.Fatal(err)
	}
	s := Server{GRPCEndpoint: fmt.Sprint("127.0.0.1:", testenv.FreePort(t))}
	_, grpcPort, _ := strings.Cut(s.GRPCEndpoint, ":")
	server := exec.Command(install.Interpreter(dir), "-c", script, fmt.Sprint(testenv.FreePort(t)), grpcPort,
		t.TempDir())
	server.Env = append(os.Environ(), "HOME="+dir, "GCS_LOCAL_ROOT="+t.TempDir())
	s.Endpoint = fmt.Sprint("http://127.0.0.1:", testenv.StartServer(t, "local-bigquery", server))
	testenv.Await(t, "local-bigquery", s.ping)
	s.Endpoint = googlesqltest.Record(t, s.Endpoint)
	return s
}

// ping asks both ports.
func (s Server) ping() error {
	response, err := http.Get(s.Endpoint + "/bigquery/v2/projects/p/datasets")
	if err != nil {
		return err
	}
	response.Body.Close()
	connection, err := net.Dial("tcp", s.GRPCEndpoint)
	if err != nil {
		return err
	}
	return connection.Close()
}
