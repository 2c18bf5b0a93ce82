package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/lake"
	"adtoorder/io/testenv"
	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/sqlite"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// place is where runs read and write.
type place struct {
	clicks, orders, lake string
	file                 string // of the warehouse
	format               string
}

func placed(t *testing.T, format string, clicks ...string) place {
	t.Helper()
	dir := t.TempDir()
	p := place{dir + "/clicks.jsonl", dir + "/orders.jsonl", dir + "/lake", dir + "/w.db", format}
	require.NoError(t, os.WriteFile(p.orders, nil, 0o600))
	require.NoError(t, os.WriteFile(p.clicks, []byte(strings.Join(clicks, "\n")), 0o600))
	return p
}

// convert runs the engine, which keeps what is said of payloads.
func (p place) convert(t *testing.T, payloads string) {
	t.Helper()
	f := engine.Sample
	f.Runner, f.Lake, f.LakeFormat, f.Warehouse = "direct", p.lake, p.format, "sqlite:"+p.file
	f.Clicks, f.Orders, f.RejectPayloads = []string{p.clicks}, []string{p.orders}, payloads
	o, err := engine.Parse(t.Context(), f)
	require.NoError(t, err)
	_, err = engine.Run(t.Context(), o)
	require.NoError(t, err)
}

// payloads returns those of clicks' rejects, and wants the lake and the
// warehouse to have the same.
func (p place) payloads(t *testing.T) (payloads []string) {
	t.Helper()
	list := func(rows []engine.RejectRow) (all []string) {
		for _, r := range rows {
			if r.Stream == "clicks" {
				all = append(all, fmt.Sprintf("%d %s", r.Withheld, r.Payload))
			}
		}
		return all
	}
	var inFiles []engine.RejectRow
	for rows, err := range lake.Scan[engine.RejectRow](t.Context(), lake.Lake{Dir: p.lake}, rejects) {
		require.NoError(t, err)
		inFiles = append(inFiles, rows...)
	}
	w, err := warehouse.Open("sqlite:" + p.file)
	require.NoError(t, err)
	defer w.Close()
	inTable, err := warehouse.Select[engine.RejectRow](t.Context(), w, rejects, "TRUE")
	require.NoError(t, err)
	assert.ElementsMatch(t, list(inFiles), list(inTable))
	return list(inTable)
}

// erase runs the command over the lake and the warehouse.
func (p place) erase(t *testing.T, flag string) (output string) {
	t.Helper()
	var out, errs bytes.Buffer
	args := []string{"erase", "--lake", p.lake, "--warehouse", "sqlite:" + p.file, flag}
	require.Equal(t, 0, run(t.Context(), args, &out, &errs), "%s", &errs)
	return strings.NewReplacer(p.lake, "lake", "sqlite:"+p.file, "warehouse").Replace(out.String())
}

var clicks = []string{
	`{"UserId":"U17","Event":"P1","EventType":"Promotion"}`,
	`{"UserId":"U18","Event":"","EventType":"Promotion","Timestamp":"2026-11-01T00:00:00Z"}`,
	`{"UserId":"U17","Event":"","EventType":"Promotion","Timestamp":"2026-11-02T00:00:00Z"}`,
	`{"UserId":"U171","Event":"","EventType":"Promotion","Timestamp":"2026-11-01T23:59:59.999Z"}`,
}

// What is erased is nowhere in the files of the lake and the warehouse, all else stays
// byte by byte, and it does not come back when a run gives the row again.
func TestErase(t *testing.T) {
	for name, test := range map[string]struct {
		flag   string
		erased []int // of clicks
	}{
		"user": {"--user=U17", []int{0, 2}},
		"date": {"--before=2026-11-02", []int{0, 1, 3}},
		"none": {"--user=U19", nil},
	} {
		for _, format := range lake.Formats() {
			t.Run(name+" "+format, func(t *testing.T) {
				p, want := placed(t, format, clicks...), []string{}
				p.convert(t, "full")
				require.Len(t, p.payloads(t), len(clicks))
				output := p.erase(t, test.flag)
				assert.Contains(t, output, fmt.Sprintf("lake: payloads erased: %d\n", len(test.erased)))
				for i, payload := range clicks {
					want = append(want, "0 "+payload)
					for _, at := range test.erased {
						if i == at {
							want[i] = "3 "
							assert.NotContains(t, p.bytes(t), payload)
						}
					}
				}
				assert.ElementsMatch(t, want, p.payloads(t))
				p.convert(t, "full")
				assert.ElementsMatch(t, want, p.payloads(t), "a run that gives the rows again")
				assert.Equal(t, "lake: payloads erased: 0\nwarehouse: payloads erased: 0\n", p.erase(t, test.flag))
			})
		}
	}
}

// bytes returns all that the lake's and the warehouse's files hold; what of it is
// compressed is not seen.
func (p place) bytes(t *testing.T) (all string) {
	t.Helper()
	require.NoError(t, filepath.Walk(filepath.Dir(p.lake), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || path == p.clicks || path == p.orders {
			return err
		}
		content, err := os.ReadFile(path)
		all += string(content)
		return err
	}))
	return all
}

func TestEraseOfHashes(t *testing.T) {
	p := placed(t, lake.Parquet, clicks...)
	p.convert(t, "hashed")
	const none = ": payloads erased: 0\n"
	const hash = ": hashed payloads, of which it can't be told whose they are: 4; --before erases them\n"
	assert.Equal(t, "lake"+none+"lake"+hash+"warehouse"+none+"warehouse"+hash, p.erase(t, "--user=U17"))
	p.erase(t, "--before=2100-01-01")
	assert.Equal(t, []string{"3 ", "3 ", "3 ", "3 "}, p.payloads(t))
}

// A warehouse of an older engine has no column that says what is withheld.
func TestEraseInAnOlderWarehouse(t *testing.T) {
	p := placed(t, lake.Parquet, clicks...)
	p.convert(t, "full")
	db, err := sqlite.Warehouse{Path: p.file}.DB()
	require.NoError(t, err)
	_, err = db.Exec("ALTER TABLE rejects DROP COLUMN withheld")
	require.NoError(t, err)
	require.NoError(t, sqlite.Warehouse{Path: p.file}.Close())
	assert.Contains(t, p.erase(t, "--user=U18"), "warehouse: payloads erased: 1\n")
}
