package files

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"adtoorder/io/storage"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// payloads returns what the records of files hold.
func payloads(t *testing.T, files []File) (all []string) {
	t.Helper()
	var s storage.Storage
	defer s.Close()
	for _, f := range files {
		for batch, err := range Scan(t.Context(), &s, f) {
			require.NoError(t, err)
			for _, r := range batch {
				assert.Equal(t, f.Path, r.Source)
				all = append(all, string(r.Payload))
			}
		}
	}
	return all
}

// feed gives the process a standard input.
func feed(t *testing.T, content string) {
	t.Helper()
	in, err := os.Open(write(t, t.TempDir(), "in", content))
	require.NoError(t, err)
	was := os.Stdin
	os.Stdin = in
	t.Cleanup(func() { in.Close(); os.Stdin = was })
}

// Standard input is a file whose name tells its content, so that the same again is the
// same file.
func TestStandardInput(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var names []string
	for _, content := range []string{"{\"a\":1}\n{\"b\":2}\n", gzipped(t, `{"a":1}{"b":2}`), "{\"a\":1}\n{\"b\":2}\n"} {
		feed(t, content)
		got, err := Match(t.Context(), []string{StandardInput})
		require.NoError(t, err)
		assert.Equal(t, []string{`{"a":1}`, `{"b":2}`}, payloads(t, got))
		assert.True(t, strings.HasPrefix(got[0].Path, "stdin:"))
		names = append(names, got[0].Path)
		_, err = Match(t.Context(), []string{StandardInput})
		assert.ErrorContains(t, err, "can be read once")
		require.NoError(t, RemoveCopies())
		left, err := os.ReadDir(os.TempDir())
		require.NoError(t, err)
		assert.Empty(t, left)
	}
	assert.Equal(t, names[0], names[2])
	assert.NotEqual(t, names[0], names[1])
}

func TestFilesOfAWebServer(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a.csv":
			w.Write([]byte("a\n1\n2\n"))
		case "/cut":
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("{}"))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	defer RemoveCopies()
	got, err := Match(t.Context(), []string{server.URL + "/a.csv?signature=secret"})
	require.NoError(t, err)
	assert.Equal(t, []string{`{"a":"1"}`, `{"a":"2"}`}, payloads(t, got))
	assert.Equal(t, CSV, got[0].Format)
	assert.NotContains(t, got[0].Path, "secret")
	other, err := Match(t.Context(), []string{server.URL + "/a.csv?page=2"})
	require.NoError(t, err)
	assert.NotEqual(t, got[0].Path, other[0].Path)
	for path, want := range map[string]string{"/none": "the server answers 404", "/cut": "unexpected EOF"} {
		_, err = Match(t.Context(), []string{server.URL + path + "?signature=secret"})
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "secret")
	}
}

// A folder is read as one that is watched: not below, and nothing that is being written.
func TestFolders(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"b.jsonl": `{"b":2}`, "a[1].jsonl": `{"a":1}`, ".c": "c", "_d": "d",
		"e.tmp": "e"} {
		write(t, dir, name, content)
	}
	require.NoError(t, os.Mkdir(dir+"/sub", 0o755))
	write(t, dir+"/sub", "f", "f")
	for _, value := range []string{dir, dir + "/"} {
		got, err := Match(t.Context(), []string{value})
		require.NoError(t, err)
		assert.Equal(t, []string{`{"a":1}`, `{"b":2}`}, payloads(t, got))
	}
}
