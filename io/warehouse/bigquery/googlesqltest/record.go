package googlesqltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Record returns the address of a proxy for a stand-in's REST, given as
// http://HOST:PORT. At the test's end all that the stand-in has taken is analysed:
// queries, and tables and views that were made or changed.
func Record(t testing.TB, server string) (proxy string) {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{server: httputil.NewSingleHostReverseProxy(target)}
	listening := httptest.NewServer(r)
	t.Cleanup(func() {
		listening.Close()
		if len(r.statements) == 0 {
			t.Error("ZetaSQL: no statement was recorded")
			return
		}
		Analyze(t, r.statements)
	})
	return listening.URL
}

type recorder struct {
	server     http.Handler
	lock       sync.Mutex
	statements []string
}

// ServeHTTP passes a request on, and records it if it is taken.
func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // the client has gone
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	if answer.Code == http.StatusOK && request.Method != http.MethodGet {
		r.keep(request.URL.Path, body)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	w.Write(answer.Body.Bytes())
}

// call is what is read of a request's body: jobs.query has a query, jobs.insert a
// configuration, tables.insert and tables.patch the rest.
type call struct {
	Query         string
	Configuration struct{ Query struct{ Query string } }
	View          struct{ Query string }
	Schema        struct {
		Fields []struct{ Name, Type string }
	}
	TableReference struct{ TableID string }
}

// keep records what a request does as a statement, if it is not there yet.
func (r *recorder) keep(path string, body []byte) {
	var c call
	if json.Unmarshal(body, &c) != nil {
		return // not a request in JSON
	}
	for _, statement := range []string{c.Query, c.Configuration.Query.Query, c.table(path)} {
		r.lock.Lock()
		if statement != "" && !slices.Contains(r.statements, statement) {
			r.statements = append(r.statements, statement)
		}
		r.lock.Unlock()
	}
}

// table returns the statement that makes a table or view as a request does; "" if it
// makes none.
func (c call) table(path string) string {
	// .../projects/PROJECT/datasets/DATASET/tables[/TABLE]
	_, path, _ = strings.Cut(path, "/projects/")
	parts := strings.Split(path, "/")
	if len(parts) < 4 || parts[3] != "tables" {
		return ""
	}
	id := append(parts[4:], c.TableReference.TableID)[0]
	name := fmt.Sprintf("`%s.%s.%s`", parts[0], parts[2], id)
	if c.View.Query != "" {
		return "CREATE OR REPLACE VIEW " + name + " AS " + c.View.Query
	}
	var columns []string
	for _, f := range c.Schema.Fields {
		columns = append(columns, "`"+f.Name+"` "+strings.NewReplacer("INTEGER", "INT64", "FLOAT", "FLOAT64", "BOOLEAN",
			"BOOL").Replace(f.Type))
	}
	if len(columns) == 0 {
		return ""
	}
	return "CREATE OR REPLACE TABLE " + name + " (" + strings.Join(columns, ", ") + ")"
}
