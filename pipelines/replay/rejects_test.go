package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// labelled returns a reject of a click whose position and payload are its name.
func labelled(name, outcome, reason string, hour, minute int) engine.RejectRow {
	r := of("clicks", "/in/c", name, name)
	r.Time, r.Outcome, r.Reason = at(hour, minute), outcome, reason
	return r
}

func TestSelection(t *testing.T) {
	order := labelled("order", "malformed", "bad_quantity", 9, 0)
	order.Stream = "orders"
	from := stores(t, order,
		labelled("none", "malformed", "no_timestamp", 8, 0),
		labelled("bad", "malformed", "bad_timestamp", 9, 0),
		labelled("mistyped", "malformed", "wrong_type: Event", 9, 0),
		labelled("late", "too_late", "", 9, 1),
		labelled("sample", "not_promotion", "", 9, 1),
		labelled("later", "too_late", "", 10, 0))
	for _, test := range []struct{ args, want string }{
		{"--stream=clicks", "none bad mistyped late later"},
		{"--stream=orders", "order"},
		{"--stream=clicks --reason=too_late", "late later"},
		{"--stream=clicks --reason=not_promotion", ""},
		{"--stream=clicks --reason=malformed", "none bad mistyped"},
		{"--stream=clicks --reason=bad_timestamp --reason=too_late", "bad late later"},
		{"--stream=clicks --reason=wrong_type", "mistyped"},
		{"--stream=clicks --reason=bad_quantity", ""},
		{"--stream=orders --reason=bad_quantity", "order"},
		{"--stream=clicks --from=2026-11-01T09:00:00Z", "bad mistyped late later"},
		{"--stream=clicks --to=2026-11-01T09:00:00Z", "none"},
		{"--stream=clicks --from=2026-11-01T10:00:00+01:00 --to=2026-11-01T09:00:00.001Z", "bad mistyped"},
		{"--stream=clicks --from=2026-11-01 --to=2026-11-02", "none bad mistyped late later"},
		{"--stream=clicks --to=2026-11-01", ""},
		{"--stream=clicks --from=2026-11-01T09:00:00Z --reason=malformed", "bad mistyped"},
	} {
		t.Run(test.args, func(t *testing.T) {
			for name, in := range from {
				status, stdout, stderr := runWith(slices.Concat(strings.Fields(test.args), in, []string{"--out=-"})...)
				assert.Zero(t, status, stderr)
				assert.Equal(t, strings.Fields(test.want), strings.Fields(stdout), "%s from %s", test.args, name)
			}
		})
	}
}

func TestOrder(t *testing.T) {
	var want []string
	var rows []engine.RejectRow
	for _, r := range []struct {
		minute           int
		source, position string
	}{
		{0, "/b", "7"},
		{1, "/a", "0"}, {1, "/a", "9"}, {1, "/a", "10"}, {1, "/a",
			"49590338271490256608559692538361571095921575989136588898"}, {1, "/a", "a"}, {1, "/a", "b1"},
		{1, "/b", ""}, {1, "/c", "2"}, {1, "/c", "11"},
		{2, "/a", "8"},
	} {
		row := of("clicks", r.source, r.position, r.source+"="+r.position)
		row.Time = at(8, r.minute)
		want = append(want, string(row.Payload))
		rows = append(rows, row)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	for name, in := range stores(t, rows...) {
		_, stdout, _ := runWith(append(in, "--stream=clicks", "--out=-")...)
		assert.Equal(t, want, strings.Fields(stdout), name)
	}
}

func TestPositionsHaveOneOrder(t *testing.T) {
	inOrder := []string{"0", "00", "01", "1", "9", "9/2", "9/10", "010", "10", "99999999999999999999",
		"100000000000000000000", "100000000000000000000/2", "", "-1", "1a", "a"}
	for i, a := range inOrder {
		for j, b := range inOrder {
			assert.Equal(t, i < j, comparePositions(a, b) < 0, "%q %q", a, b)
			assert.Equal(t, i == j, comparePositions(a, b) == 0, "%q %q", a, b)
		}
	}
}

// A run that resumes may book a record in another window than the run before.
func TestARecordInTwoWindowsIsReplayedOnce(t *testing.T) {
	first := labelled("1", "too_late", "", 8, 0)
	again, other := first, first
	again.Time, other.Source = at(9, 0), "/in/d"
	in := jsonl(t, first, again, other)
	_, stdout, stderr := runWith(append(in, "--stream=clicks", "--out=-")...)
	assert.Equal(t, "1\n1\n", stdout)
	assert.Equal(t, "replay: 2 payloads written to standard output (2 too_late)\n", stderr)
}

func TestWhatIsCutIsSkipped(t *testing.T) {
	long := labelled("long", "malformed", "too_long", 8, 0)
	long.Cut = true
	dir := t.TempDir()
	for name, in := range stores(t, long, labelled("late", "too_late", "", 9, 0)) {
		file := dir + "/" + name + ".jsonl"
		assert.Equal(t, "replay: 1 payload written to "+file+" (1 too_late), 1 cut one skipped\n",
			runOn(t, "clicks", append(in, "--out", file)...))
		assert.Equal(t, "late\n", content(t, file))
		assert.Equal(t, "replay: nothing written, 1 cut one skipped\n",
			runOn(t, "clicks", append(in, "--reason=too_long", "--out", dir+"/none.jsonl")...))
	}
	assert.NoFileExists(t, dir+"/none.jsonl")
}

// A payload that is not there can't be replayed, and a hash is none.
func TestWhatIsWithheldIsSkipped(t *testing.T) {
	const only = " skipped: only payloads that a run has kept (--reject_payloads=full), and that were not erased, " +
		"can be replayed\n"
	rows := []engine.RejectRow{labelled("late", "too_late", "", 9, 0)}
	for position, withheld := range []int64{engine.Hashed, engine.NotKept, engine.Erased, engine.Erased} {
		r := labelled(fmt.Sprint(position), "malformed", "future", 8, 0)
		r.Withheld, r.Cut = withheld, true
		r.Derive()
		rows = append(rows, r)
	}
	dir := t.TempDir()
	for name, in := range stores(t, rows...) {
		file := dir + "/" + name + ".jsonl"
		assert.Equal(t, "replay: 1 payload written to "+file+" (1 too_late), 1 hashed one, 1 unkept one, 2 erased ones"+
			only, runOn(t, "clicks", append(in, "--out", file)...))
		assert.Equal(t, "late\n", content(t, file))
		assert.Equal(t, "replay: nothing written, 1 hashed one, 1 unkept one, 2 erased ones"+only,
			runOn(t, "clicks", append(in, "--reason=future", "--out", dir+"/none.jsonl")...))
	}
	assert.NoFileExists(t, dir+"/none.jsonl")
}

func TestNothingSelectedSaysWhatThereIs(t *testing.T) {
	file := t.TempDir() + "/r.jsonl"
	for _, in := range stores(t, labelled("a", "too_late", "", 8, 0), labelled("b", "malformed", "future", 8, 0),
		labelled("c", "malformed", "future", 8, 0)) {
		place := in[1]
		assert.Equal(t, "replay: nothing written, none selected of "+place+"'s rejects of "+
			"clicks (2 future, 1 too_late)\n",
			runOn(t, "clicks", append(in, "--reason=to_late", "--out", file)...))
		assert.Equal(t, "replay: nothing written, "+place+" has no rejects of orders\n",
			runOn(t, "orders", append(in, "--out", file)...))
	}
	assert.NoFileExists(t, file)
}

func TestReadingThatFailsIsStatusOne(t *testing.T) {
	good := stores(t, labelled("a", "too_late", "", 8, 0))
	lake := good["jsonl"][1]
	require.NoError(t, writeFile(lake+"/rejects/year=2026/month=11/day=01/hour=08/20261101T08-0.parquet",
		"no Parquet"))
	base := t.TempDir() + "/other.db"
	require.NoError(t, writeFile(base, strings.Repeat("no database ", 100)))
	for arg, want := range map[string]string{
		"--lake=" + lake:             "20261101T08-0.parquet: is no whole Parquet file",
		"--warehouse=sqlite:" + base: base,
	} {
		t.Run(strings.SplitN(arg, "=", 2)[0], func(t *testing.T) {
			file := t.TempDir() + "/r.jsonl"
			status, stdout, stderr := runWith("--stream=clicks", arg, "--out", file)
			assert.Equal(t, 1, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, "replay: reading the rejects of ")
			assert.Contains(t, stderr, want)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			assert.NoFileExists(t, file)
		})
	}
}
