package engine

import (
	"bytes"
	"compress/gzip"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adtoorder/io/files"
	"adtoorder/io/table"
	"adtoorder/pipelines/generate/traffic"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faulty writes six hours of traffic with faults to a directory: 60,000 clicks in
// three parts, and orders in no order of time and compressed.
func faulty(t *testing.T) (clicks, orders string) {
	t.Helper()
	o := traffic.Defaults()
	o.Clicks, o.Orders, o.Span = 60_000, 6_000, 6*time.Hour
	o.EventIDs, o.Late, o.Duplicates, o.Malformed, o.Seed = true, 0.05, 0.05, 0.01, 7
	g, err := traffic.New(o)
	require.NoError(t, err)
	dir := t.TempDir()
	_, _, err = g.WriteDir(dir)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(dir, traffic.OrdersFile))
	require.NoError(t, err)
	lines := strings.SplitAfter(string(text), "\n")
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	out, err := os.Create(filepath.Join(dir, "orders.jsonl.gz"))
	require.NoError(t, err)
	zipped := gzip.NewWriter(out)
	_, err = zipped.Write([]byte(strings.Join(lines, "")))
	require.NoError(t, err)
	require.NoError(t, zipped.Close())
	require.NoError(t, out.Close())
	return filepath.Join(dir, traffic.ClicksFile), out.Name()
}

// However many stretches finished input is run in, files and summary are the same.
func TestStretchesEndAtWhatOneRunDoes(t *testing.T) {
	clicks, orders := faulty(t)
	var want map[string]string
	var whole Summary
	for _, c := range []struct {
		name, runner string
		most         float64
		stretches    int
	}{
		{"one run", "direct", 1e9, 1},
		{"an hour each", "direct", 1, 7},
		{"some hours each", "direct", 3_000, 3},
		{"some hours each, on Prism", "prism", 3_000, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := place(t, c.runner)
			f.Clicks, f.Orders = []string{clicks}, []string{orders}
			o, err := Parse(t.Context(), f)
			require.NoError(t, err)
			all, err := o.stretches(t.Context(), c.most)
			require.NoError(t, err)
			assert.Len(t, all, c.stretches)
			summary, err := (&run{Options: o, maxWeight: c.most}).run(t.Context())
			require.NoError(t, err)
			got := contents(t, f.Lake)
			if want == nil {
				want, whole = got, summary
				require.Greater(t, len(want), 25)
				return
			}
			assert.Equal(t, whole, summary)
			assert.Equal(t, want, got)
		})
	}
}

// Each record is in one stretch, and each stretch has all parts of files with its records.
func TestStretchesOfASurvey(t *testing.T) {
	const hour = 3_600_000
	part := func(stream string, from int64, partitions ...int64) surveyed {
		p := surveyed{part: part{stream: stream, file: files.File{Path: "/" + stream, From: from, To: from + 1}}}
		for _, start := range partitions {
			p.starts = append(p.starts, start*hour)
		}
		return p
	}
	s := survey{
		parts: []surveyed{part(ledger.Clicks, 0, 0, 5), part(ledger.Clicks, 1, 6), part(ledger.Clicks, 2, 5, 7, 9),
			part(ledger.Orders, 0, 9), part(ledger.Orders, 1), part(ledger.Orders, 2, 7)},
		records: map[int64]int64{0: 1, 5 * hour: 10, 6 * hour: 10, 7 * hour: 30, 9 * hour: 5},
		read:    map[string]int64{ledger.Clicks: 50, ledger.Orders: 6},
	}
	file := func(stream string, from, to int64) []files.File {
		return []files.File{{Path: "/" + stream, From: from, To: to}}
	}
	got := s.stretches(time.Hour, 21, func(records int64) float64 { return float64(records) })
	assert.Equal(t, []stretch{
		{from: 0, until: 7 * hour, clicks: file("clicks", 0, 3), read: s.read},
		{from: 7 * hour, until: 8 * hour, clicks: file("clicks", 2, 3), orders: file("orders", 2, 3)}, // over the most
		{from: 9 * hour, until: 10 * hour, clicks: file("clicks", 2, 3), orders: file("orders", 0, 1)},
	}, got)
}

// Between what is surveyed, files that are read again may have much more.
func TestStretchesWeighWhatIsBeside(t *testing.T) {
	s := survey{records: map[int64]int64{hour: 1, 2 * hour: 1, 9 * hour: 1, 11 * hour: 1}, beside: map[int64]int64{}}
	s.addBeside([]table.Span{{From: 0, Until: 3 * hour, Records: 900}, {From: 5 * hour, Until: 10 * hour, Records: 50},
		{From: 11 * hour, Until: 12 * hour, Records: 900}}, hour)
	assert.Equal(t, map[int64]int64{0: 300, 5 * hour: 10, 6 * hour: 10, 7 * hour: 10, 8 * hour: 10}, s.beside)
	weigh := func(records int64) float64 { return float64(records) }
	assert.Equal(t, []stretch{{from: hour, until: 12 * hour}}, s.stretches(time.Hour, 44, weigh))
	assert.Equal(t, []stretch{{from: hour, until: 3 * hour}, {from: 9 * hour, until: 12 * hour}},
		s.stretches(time.Hour, 42, weigh))
}

// Little input is not looked at twice.
func TestASampleTellsWhetherStretchesAreNeeded(t *testing.T) {
	clicks, orders := faulty(t)
	f := place(t, "direct")
	f.Clicks, f.Orders = []string{clicks}, []string{orders}
	o, err := Parse(t.Context(), f)
	require.NoError(t, err)
	found, err := o.sample(t.Context())
	require.NoError(t, err)
	assert.InEpsilon(t, 71_000, found.records, 0.5, "the compressed file's size is a guess")
	assert.Len(t, found.promotions, 10)
	assert.InEpsilon(t, 6*time.Hour.Milliseconds(), found.last-found.first, 0.1)
	assert.InEpsilon(t, 3_600+71_000/idsPerRow, found.total(time.Hour, time.Minute), 0.5)

	for name, change := range map[string]func(*Options){
		"live":        func(o *Options) { o.Clicks = optionsOn(t, []string{aTopic}, finished).Clicks },
		"on Dataflow": func(o *Options) { o.Runner = Dataflow },
	} {
		t.Run(name, func(t *testing.T) {
			changed := o
			change(&changed)
			all, err := changed.stretches(t.Context(), 0)
			require.NoError(t, err)
			assert.Equal(t, []stretch{{}}, all)
		})
	}
}

// One record of the year 9999 among those of a history must not hide how long that is.
func TestAnOutlierHidesNoHistory(t *testing.T) {
	history := traits{records: 1e8, events: 1, promotions: map[string]bool{"P1": true, "P2": true},
		first: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(),
		last:  time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC).UnixMilli()}
	year := history.total(time.Hour, time.Minute)
	assert.InEpsilon(t, 2*364*24*60, year, 0.001)
	history.last = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).UnixMilli()
	assert.Greater(t, history.total(time.Hour, time.Minute), year)
	none := traits{first: math.MaxInt64}
	assert.Zero(t, none.total(time.Hour, time.Minute))
}

// What is written to files after a run has found them is not of this run.
func TestStretchesOfFilesThatGrow(t *testing.T) {
	for name, most := range map[string]float64{"one run": 1e9, "stretches": 1} {
		t.Run(name, func(t *testing.T) {
			clicks, _ := faulty(t)
			text, err := os.ReadFile(clicks)
			require.NoError(t, err)
			dir := t.TempDir()
			few, empty := dir+"/few.jsonl", dir+"/empty.jsonl"
			half := len(text)/2 + bytes.IndexByte(text[len(text)/2:], '\n') + 1
			require.NoError(t, os.WriteFile(few, text[:half], 0o644))
			require.NoError(t, os.WriteFile(empty, nil, 0o644))
			f := place(t, "direct")
			f.Clicks, f.Orders = []string{few}, []string{empty}
			o, err := Parse(t.Context(), f)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(few, text, 0o644))
			require.NoError(t, os.WriteFile(empty, text[half:], 0o644))
			found, err := (&run{Options: o, maxWeight: most}).run(t.Context())
			require.NoError(t, err)
			assert.EqualValues(t, bytes.Count(text[:half], []byte("\n")), found.Records(ledger.Read))
		})
	}
}

// Where there are many ids, Flink groups less time at once; rows of a group are of one
// partition.
func TestFlinkGroupsFewIDs(t *testing.T) {
	const hours = 5
	for records, want := range map[float64]time.Duration{
		1: time.Hour, hours * 1e6: time.Hour, hours * 4e6: 15 * time.Minute, hours * 5e6: 10 * time.Minute,
		hours * 42e6: time.Minute, hours * 1e9: time.Minute,
	} {
		all := traits{records: records, events: 10, ids: 10, last: hours * time.Hour.Milliseconds()}
		assert.Equal(t, want, all.group(time.Hour), records)
		half := traits{records: 2 * records, events: 10, ids: 5, last: all.last}
		assert.Equal(t, want, half.group(time.Hour), records)
		none := traits{records: records, events: 10, last: all.last}
		assert.Equal(t, time.Hour, none.group(time.Hour))
	}

	clicks, orders := faulty(t)
	f := place(t, Flink)
	f.Clicks, f.Orders = []string{clicks}, []string{orders}
	o, err := Parse(t.Context(), f)
	require.NoError(t, err)
	all, err := o.stretches(t.Context(), 0)
	require.NoError(t, err)
	assert.Equal(t, []stretch{{group: time.Hour}}, all)
	assert.Equal(t, time.Hour, o.within(all[0]).Windows().Group)
	assert.Equal(t, time.Minute, o.within(stretch{group: time.Minute}).Windows().Group)
}
