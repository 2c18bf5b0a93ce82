package scenarios

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"

	"adtoorder/io/table"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kept leaves out the rows of windows before a date, and of 1970.
func kept(all results, before table.Time) results {
	all.Clicks = slices.DeleteFunc(all.Clicks, func(r engine.ClickRow) bool { return r.WindowStart < before })
	all.Orders = slices.DeleteFunc(all.Orders, func(r engine.OrderRow) bool { return r.WindowStart < before })
	all.Conversions = slices.DeleteFunc(all.Conversions,
		func(r engine.ConversionRow) bool { return r.WindowStart < before })
	all.Ledger = slices.DeleteFunc(all.Ledger, func(r engine.LedgerRow) bool { return r.WindowStart < before })
	all.Rejects = slices.DeleteFunc(all.Rejects, func(r engine.RejectRow) bool { return r.Time < before })
	return all
}

// What is kept stays exact, and the books balance, whatever was forgotten and comes later.
func TestForgetBefore(t *testing.T) {
	for i, runner := range engine.Embedded {
		t.Run(runner, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(i), 4))
			dir := t.TempDir()
			days := tenDays(t, random, dir)
			whole := place(t, runner)
			whole.Clicks, whole.Orders = []string{dir + "/clicks-*"}, []string{dir + "/orders-*"}
			_, err := start(t, whole)
			require.NoError(t, err)

			f := place(t, runner)
			f.Clicks, f.Orders = nil, nil
			for _, day := range days[:9] {
				f.Clicks, f.Orders = append(f.Clicks, day[0]), append(f.Orders, day[1])
			}
			first, err := start(t, f)
			require.NoError(t, err)
			for _, name := range slices.Concat(days[0], days[1]) {
				require.NoError(t, os.Remove(name))
			}

			alone := f
			alone.Clicks, alone.Orders, alone.ForgetBefore = nil, nil, "2026-11-05"
			summary, err := start(t, alone)
			require.NoError(t, err)
			assert.Equal(t, first.Records(ledger.Read), summary.Records(ledger.Read))
			assert.Greater(t, summary.Records(ledger.BeforeStart), int64(500))
			const date = 1793836800000 // 2026-11-05
			for _, got := range []results{inLake(t, f), inWarehouse(t, f)} {
				for _, r := range got.Ledger {
					assert.True(t, r.WindowStart < 3_600_000 || r.WindowStart >= date, "%v", r)
				}
			}
			origin := filesIn(t, f.Lake)[".origin.json"]
			assert.NotContains(t, origin, days[0][0])
			assert.Contains(t, origin, days[2][0], "it is still there")

			before := filesIn(t, f.Lake)
			again, err := start(t, alone)
			require.NoError(t, err)
			assert.Equal(t, summary.Ledger, again.Ledger)
			assert.Equal(t, before, filesIn(t, f.Lake))

			f.Clicks, f.Orders = []string{days[9][0], shares(t, dir, "2026-11-02"), days[2][0]}, days[9][1:]
			last, err := start(t, f)
			require.NoError(t, err)
			assert.Equal(t, engine.Given{New: 3, Known: 1, Again: last.Files.Again}, last.Files, "clicks, orders, more")
			assert.Greater(t, last.Records(ledger.BeforeStart), summary.Records(ledger.BeforeStart))
			want := kept(inLake(t, whole), date)
			assert.Equal(t, want, kept(inLake(t, f), date))
			assert.Equal(t, want, kept(inWarehouse(t, f), date))
			assert.Len(t, kept(inLake(t, f), 3_600_000).Ledger, len(want.Ledger), "nothing before the date came back")
		})
	}
}

func TestForgetBeforeWithNewFiles(t *testing.T) {
	dir := t.TempDir()
	days := tenDays(t, rand.New(rand.NewPCG(1, 5)), dir)
	f := place(t, "direct")
	f.Clicks, f.Orders = days[0][:1], days[0][1:]
	_, err := start(t, f)
	require.NoError(t, err)
	f.Clicks, f.Orders, f.ForgetBefore = days[1][:1], days[1][1:], "2026-11-02"
	summary, err := start(t, f)
	require.NoError(t, err)
	assert.Positive(t, summary.Records(ledger.BeforeStart))
	for _, got := range []results{inLake(t, f), inWarehouse(t, f)} {
		assert.Len(t, kept(got, 3_600_000).Ledger, len(kept(got, 1793577600000).Ledger))
	}

	for flag, change := range map[string]func(*engine.Flags){
		"must be a date":          func(f *engine.Flags) { f.ForgetBefore = "yesterday" },
		"does not go with --repl": func(f *engine.Flags) { f.Replace = true },
	} {
		wrong := f
		change(&wrong)
		_, err := engine.Parse(t.Context(), wrong)
		assert.ErrorContains(t, err, flag)
	}
}

// A file of a web server stays remembered.
func TestForgetBeforeAFileOfAWebServer(t *testing.T) {
	dir := t.TempDir()
	clicksFrom(t, dir+"/a.jsonl", "2026-11-01T10:00", 20)
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	f := place(t, "direct")
	f.Clicks, f.Orders = []string{server.URL + "/a.jsonl"}, nil
	_, err := start(t, f)
	require.NoError(t, err)
	f.Clicks, f.ForgetBefore = nil, "2026-11-02"
	summary, err := start(t, f)
	require.NoError(t, err)
	assert.EqualValues(t, 20, summary.Records(ledger.BeforeStart))
	f.Clicks = []string{server.URL + "/a.jsonl"}
	summary, err = start(t, f)
	require.NoError(t, err)
	assert.Equal(t, engine.Given{Known: 1}, summary.Files)
}
