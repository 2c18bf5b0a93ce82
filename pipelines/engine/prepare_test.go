package engine

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/lake"
	"adtoorder/io/progress"
	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rules returns flags of a run over the files that show the rules, into a lake alone.
func rules(t *testing.T) Flags {
	f := place(t, "direct")
	f.Clicks, f.Orders = []string{"../../testdata/rules/clicks.jsonl"}, []string{"../../testdata/rules/orders.jsonl"}
	f.LakeFormat, f.Warehouse = lake.JSONL, "none"
	return f
}

// start runs the engine.
func start(t *testing.T, f Flags) error {
	t.Helper()
	o, err := Parse(t.Context(), f)
	require.NoError(t, err)
	_, err = Run(t.Context(), o)
	return err
}

// contents returns what the files of a lake hold, by their names in it.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found[strings.TrimPrefix(path, dir+"/")] = string(content)
		return err
	}))
	return found
}

// asFormerly gives a lake the former layout: a file for each minute and shard, and an
// origin that tells of no layout.
func asFormerly(t *testing.T, dir string) {
	t.Helper()
	for name, content := range contents(t, dir) {
		if name == ".origin.json" {
			var origin table.Origin
			require.NoError(t, json.Unmarshal([]byte(content), &origin))
			assert.Equal(t, lake.Layout, origin.Layout)
			origin.Layout = ""
			text, err := json.Marshal(origin)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(dir+"/"+name, text, 0o644))
			continue
		}
		require.NoError(t, os.Remove(dir+"/"+name))
		_, shard, _ := strings.Cut(filepath.Base(name), "-")
		windows := map[string]string{}
		for line := range strings.Lines(content) {
			var row struct {
				Start table.Time `json:"window_start"`
				Time  table.Time `json:"time"` // of a reject
			}
			require.NoError(t, json.Unmarshal([]byte(line), &row))
			window := max(row.Start, row.Time).UTC().Format("20060102T1504") + "00Z-" + shard
			windows[window] += line
		}
		for window, lines := range windows {
			require.NoError(t, os.WriteFile(dir+"/"+filepath.Dir(name)+"/"+window, []byte(lines), 0o644))
		}
	}
}

func TestALakeOfTheFormerLayoutFollows(t *testing.T) {
	f := rules(t)
	require.NoError(t, start(t, f))
	want := contents(t, f.Lake)
	asFormerly(t, f.Lake)
	former := contents(t, f.Lake)
	assert.Greater(t, len(former), len(want))
	before := progress.Folded.Load()
	require.NoError(t, start(t, f))
	assert.Equal(t, want, contents(t, f.Lake))
	assert.EqualValues(t, len(former)-1, progress.Folded.Load()-before)

	// Of a run that is killed, files of both layouts are there.
	asFormerly(t, f.Lake)
	for name, content := range want {
		if strings.HasPrefix(name, conversionsDataset) {
			require.NoError(t, os.WriteFile(f.Lake+"/"+name, []byte(content), 0o644))
		}
	}
	require.NoError(t, start(t, f))
	assert.Equal(t, want, contents(t, f.Lake))

	// A lake that says that it is of this layout is not looked through.
	left := f.Lake + "/" + conversionsDataset + "/year=2026/month=11/day=01/hour=00/20261101T000000Z-9.jsonl"
	require.NoError(t, os.WriteFile(left, nil, 0o644))
	require.NoError(t, start(t, f))
	assert.FileExists(t, left)
}

// Where a lake has the former layout, --replace removes its windows all the same.
func TestReplaceInALakeOfTheFormerLayout(t *testing.T) {
	f := rules(t)
	require.NoError(t, start(t, f))
	want := contents(t, f.Lake)
	asFormerly(t, f.Lake)
	f.Replace = true
	require.NoError(t, start(t, f))
	assert.Equal(t, want, contents(t, f.Lake))
}

// The error about a damaged file tells of --replace, which then has to help.
func TestADamagedFileIsNamedAndReplaced(t *testing.T) {
	for _, format := range lake.Formats() {
		f := rules(t)
		f.LakeFormat = format
		require.NoError(t, start(t, f))
		want := contents(t, f.Lake)
		var damaged string
		for name := range want {
			if strings.HasPrefix(name, conversionsDataset+"/year=2026") {
				damaged = f.Lake + "/" + name
			}
		}
		require.NoError(t, os.WriteFile(damaged, []byte("damaged"), 0o644))
		assert.ErrorContains(t, start(t, f), "reading "+damaged)
		assert.ErrorContains(t, start(t, f), "restore the file, or remove it, or have a run with --replace")
		f.Replace = true
		require.NoError(t, start(t, f))
		assert.Equal(t, want, contents(t, f.Lake))
	}
}

// Columns of a summary are read by names of their own.
func TestSummaryOfEachFormat(t *testing.T) {
	var first Summary
	for _, format := range lake.Formats() {
		f := rules(t)
		f.LakeFormat = format
		o, err := Parse(t.Context(), f)
		require.NoError(t, err)
		found, err := Run(t.Context(), o)
		require.NoError(t, err)
		if first.Ledger == nil {
			first = found
		}
		assert.Equal(t, first, found)
		assert.Equal(t, []string{"P601", "P602"}, found.Top(2))
		var revenue int64
		for rows, err := range lake.Scan[ConversionRow](t.Context(), o.Lake, conversionsDataset) {
			require.NoError(t, err)
			for _, r := range rows {
				revenue += r.RevenueMicros
			}
		}
		for _, total := range found.Promotions {
			revenue -= total.RevenueMicros
		}
		assert.Zero(t, revenue)
	}
}

// A record of a window that ends in the next hour is accounted for in this one, and goes
// with it.
func TestReplaceRemovesRejectsBehindTheirHour(t *testing.T) {
	f := rules(t)
	f.Window = "7m"
	dir := t.TempDir()
	put := func(name, text string) string {
		require.NoError(t, os.WriteFile(dir+"/"+name, []byte(text), 0o644))
		return dir + "/" + name
	}
	const click = `{"EventType":"Promotion","Event":"%s","Timestamp":"2026-11-01T%sZ"}`
	noEvent := put("malformed.jsonl", fmt.Sprintf(click, "", "01:00:10")) // in the window that begins at 00:55
	f.Clicks, f.Orders = []string{noEvent}, []string{put("orders.jsonl", "")}
	require.NoError(t, start(t, f))
	rejects := func() (found []string) {
		for name := range contents(t, f.Lake) {
			if strings.HasPrefix(name, rejectsDataset) {
				found = append(found, name[:strings.LastIndex(name, "/")])
			}
		}
		return found
	}
	assert.Equal(t, []string{rejectsDataset + "/year=2026/month=11/day=01/hour=00"}, rejects())
	f.Clicks = []string{put("mended.jsonl", fmt.Sprintf(click, "P1", "00:59:59"))}
	f.Replace = true
	require.NoError(t, start(t, f))
	assert.Empty(t, rejects())
}
