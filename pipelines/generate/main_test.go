package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func runWith(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, &out, &errs)
	return status, out.String(), errs.String()
}

func TestRunWritesAndTellsInOneLine(t *testing.T) {
	dir := t.TempDir()
	status, stdout, stderr := runWith("--clicks", "1000", "--orders", "100", "--late", "0.1",
		"--duplicates", "0.05", "--malformed", "0.02", "--out", dir)
	assert.Zero(t, status)
	assert.Empty(t, stderr)
	assert.Equal(t, dir+": 1000 clicks (100 late) + 50 duplicates + 20 malformed, 0.1 MB;"+
		" 100 orders (10 late) + 5 duplicates + 2 malformed, 0.0 MB\n", stdout)
	clicks, err := os.ReadFile(filepath.Join(dir, "clicks.jsonl"))
	require.NoError(t, err)
	assert.Equal(t, 1070, bytes.Count(clicks, []byte("\n")))
}

func TestBadFlagWritesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	status, stdout, stderr := runWith("--out", dir, "--late", "7")
	assert.Equal(t, 2, status)
	assert.Empty(t, stdout)
	assert.Equal(t, "generate: --late=7: must be a share from 0 to 1\n", stderr)
	assert.NoDirExists(t, dir)
}

func TestFailedWritingIsStatusOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	status, _, stderr := runWith("--out", filepath.Join(file, "below"))
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "making the output directory")
	assert.Equal(t, 1, strings.Count(stderr, "\n"))
}

func TestHelpNamesEveryFlag(t *testing.T) {
	status, stdout, stderr := runWith("--help")
	assert.Zero(t, status)
	assert.Empty(t, stderr)
	declare(new(settings)).VisitAll(func(f *flag.Flag) {
		assert.Regexp(t, `\n  --`+f.Name+`[ \n]`, stdout)
		assert.NotEmpty(t, f.Usage)
	})
	assert.Contains(t, stdout, "(default 100000)")
}

func TestAnArgumentIsRefused(t *testing.T) {
	status, stdout, stderr := runWith("100")
	assert.Equal(t, 2, status)
	assert.Empty(t, stdout)
	assert.Equal(t, "generate: \"100\" is not a flag, and generate takes flags only; see --help\n", stderr)
}
