package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
)

// fakeAmazon serves S3, and as much of Glue as is used: it keeps what it is sent.
type fakeAmazon struct {
	url       string
	databases map[string]bool
	tables    map[string]map[string]any
	updated   []string          // tables, and the versions that they were updated at
	failures  map[string]string // codes of errors, by operation
}

func startAmazon(t *testing.T) *fakeAmazon {
	t.Helper()
	f := &fakeAmazon{databases: map[string]bool{}, tables: map[string]map[string]any{}, failures: map[string]string{}}
	files := gofakes3.New(s3mem.New()).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operation, isGlue := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AWSGlue.")
		if !isGlue {
			files.ServeHTTP(w, r)
			return
		}
		var input struct {
			Name          string
			DatabaseInput struct{ Name string }
			TableInput    map[string]any
			VersionId     string
		}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&input))
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if operation == "UpdateTable" {
			f.updated = append(f.updated, fmt.Sprint(input.TableInput["Name"], " at ", input.VersionId))
		}
		answer, code := f.do(operation, input.Name+input.DatabaseInput.Name, input.TableInput)
		if code != "" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"__type":"%s","Message":"the stand-in says no\nand more"}`, code)
			return
		}
		json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// do returns an answer, or the code of an error.
func (f *fakeAmazon) do(operation, name string, table map[string]any) (answer map[string]any, code string) {
	const missing = "EntityNotFoundException"
	if code := f.failures[operation]; code != "" {
		return nil, code
	}
	switch operation {
	case "GetDatabase":
		if !f.databases[name] {
			return nil, missing
		}
		return map[string]any{"Database": map[string]any{"Name": name}}, ""
	case "CreateDatabase":
		f.databases[name] = true
	case "GetTable":
		if f.tables[name] == nil {
			return nil, missing
		}
		return map[string]any{"Table": f.tables[name]}, ""
	case "CreateTable", "UpdateTable":
		name, version := table["Name"].(string), 1
		if was := f.tables[name]; was != nil {
			fmt.Sscan(was["VersionId"].(string), &version)
			version++
		}
		table["VersionId"] = fmt.Sprint(version)
		f.tables[name] = table
	}
	return map[string]any{}, ""
}
