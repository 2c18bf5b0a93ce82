package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"adtoorder/io/table"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// day writes a file of clicks and one of orders of a day, one click a minute
// and an order, and returns flags that read them into f's lake and warehouse.
func day(t *testing.T, f engine.Flags, dir string, date string, clicks int) engine.Flags {
	t.Helper()
	var lines []string
	for i := range clicks {
		lines = append(lines, fmt.Sprintf(`{"UserId":"U1","Event":"P601","EventType":"Promotion","Timestamp":"%sT00:%02d:00Z"}`, date, i%3))
	}
	c, o := filepath.Join(dir, "clicks-"+date), filepath.Join(dir, "orders-"+date)
	require.NoError(t, os.WriteFile(c, []byte(strings.Join(lines, "\n")), 0o644))
	require.NoError(t, os.WriteFile(o,
		[]byte(`{"OrderId":"O1","Timestamp":"`+date+`T00:00:00Z","OrderLines":[{"Promotion":"P601","UnitPrice":1,"Quantity":1}]}`), 0o644))
	f.Clicks, f.Orders = []string{c}, []string{o}
	return f
}

// refused runs the engine and wants it to refuse a flag, with nothing changed.
func refused(t *testing.T, f engine.Flags, flag, problem string) {
	t.Helper()
	before := filesIn(t, f.Lake)
	rows := inWarehouse(t, f)
	_, err := start(t, f)
	var flagError *engine.FlagError
	require.ErrorAs(t, err, &flagError)
	assert.Equal(t, flag, flagError.Flag)
	assert.Contains(t, flagError.Problem, problem)
	assert.NotContains(t, flagError.Error(), "\n")
	assert.Equal(t, before, filesIn(t, f.Lake))
	assert.Equal(t, rows, inWarehouse(t, f))
}

func TestASecondRunChangesNothing(t *testing.T) {
	for _, runner := range engine.Embedded {
		f := day(t, place(t, runner), t.TempDir(), "2026-11-01", 10)
		first, err := start(t, f)
		require.NoError(t, err)
		lake, rows := filesIn(t, f.Lake), inWarehouse(t, f)
		again, err := start(t, f)
		require.NoError(t, err)
		assert.Equal(t, engine.Given{New: 2}, first.Files)
		assert.Equal(t, engine.Given{Known: 2}, again.Files)
		again.Files = first.Files
		assert.Equal(t, first, again)
		assert.Equal(t, lake, filesIn(t, f.Lake))
		assert.Equal(t, rows, inWarehouse(t, f))
	}
}

func TestMoreInputMerges(t *testing.T) {
	dir := t.TempDir()
	f := day(t, place(t, "direct"), dir, "2026-11-01", 10)
	_, err := start(t, f)
	require.NoError(t, err)
	both := day(t, f, dir, "2026-11-02", 5)
	both.Clicks, both.Orders = []string{dir + "/clicks*"}, []string{dir + "/orders*"}
	summary, err := start(t, both)
	require.NoError(t, err)
	assert.EqualValues(t, 15, summary.Promotions["P601"].Clicks)
	summary, err = start(t, f)
	require.NoError(t, err, "less input adds nothing")
	assert.EqualValues(t, 15, summary.Promotions["P601"].Clicks)
}

func TestOtherInputIsAddedOrReplaces(t *testing.T) {
	dir := t.TempDir()
	first := day(t, place(t, "direct"), dir, "2026-11-01", 10)
	_, err := start(t, first)
	require.NoError(t, err)

	second := day(t, first, dir, "2026-11-02", 5)
	summary, err := start(t, second)
	require.NoError(t, err)
	assertTotal(t, 15, 2, 2_000_000, summary.Promotions["P601"])
	for _, got := range []results{inWarehouse(t, second), inLake(t, second)} {
		assert.Len(t, got.Clicks, 6)
	}

	second = day(t, second, dir, "2026-11-02", 2)
	refused(t, second, "lake", "--replace")
	second.Replace = true
	summary, err = start(t, second)
	require.NoError(t, err)
	assertTotal(t, 2, 1, 1_000_000, summary.Promotions["P601"]) // of this run alone
	for _, got := range []results{inWarehouse(t, second), inLake(t, second)} {
		assert.Len(t, got.Clicks, 6, "what the second day no longer has stays, too")
	}

	third := day(t, first, dir, "2026-11-03", 4)
	summary, err = start(t, third)
	require.NoError(t, err)
	assertTotal(t, 4, 1, 1_000_000, summary.Promotions["P601"]) // since there are rows of a file that is no more
	refused(t, give(first, shares(t, dir, "2026-11-02")), "lake", "name it among --clicks")
}

// shares writes a file with a click of a day's first minute.
func shares(t *testing.T, dir, date string) string {
	t.Helper()
	name := dir + "/clicks-more-" + date
	require.NoError(t, os.WriteFile(name,
		[]byte(`{"Event":"P601","EventType":"Promotion","Timestamp":"`+date+`T00:00:00Z"}`), 0o644))
	return name
}

func TestAChangedFileIsOtherInput(t *testing.T) {
	dir := t.TempDir()
	f := day(t, place(t, "direct"), dir, "2026-11-01", 9)
	_, err := start(t, f)
	require.NoError(t, err)
	content, err := os.ReadFile(f.Clicks[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(f.Clicks[0], []byte(strings.ReplaceAll(string(content), "P601", "P602")), 0o644))
	refused(t, f, "lake", "before it changed")
}

func TestReplaceRemovesTheWindowsOfTheRunAndNoOthers(t *testing.T) {
	for _, runner := range engine.Embedded {
		dir := t.TempDir()
		f := day(t, place(t, runner), dir, "2026-11-01", 10)
		_, err := start(t, f)
		require.NoError(t, err)
		less := day(t, f, dir, "2026-11-01", 2) // the same file, shorter
		refused(t, less, "lake", "before it changed")
		less.Replace = true
		_, err = start(t, less)
		require.NoError(t, err)
		fresh := less
		fresh.Lake, fresh.Warehouse = t.TempDir(), "sqlite:"+t.TempDir()+"/w.db"
		_, err = start(t, fresh)
		require.NoError(t, err)
		stays := 0
		third := func(start table.Time) bool { // the minute that the shorter file does not reach
			isThird := start.UTC().Minute() == 2
			if isThird {
				stays++
			}
			return isThird
		}
		got := inLake(t, less)
		got.Clicks = slices.DeleteFunc(got.Clicks, func(r engine.ClickRow) bool { return third(r.WindowStart) })
		got.Conversions = slices.DeleteFunc(got.Conversions,
			func(r engine.ConversionRow) bool { return third(r.WindowStart) })
		got.Ledger = slices.DeleteFunc(got.Ledger, func(r engine.LedgerRow) bool { return third(r.WindowStart) })
		assert.Equal(t, 3, stays, "rows of clicks, conversions and ledger of the third minute stay")
		assert.Equal(t, inLake(t, fresh), got)
		assert.Len(t, filesIn(t, less.Lake), len(filesIn(t, fresh.Lake)))
	}
}

func TestAnotherWindowLength(t *testing.T) {
	dir := t.TempDir()
	f := day(t, place(t, "direct"), dir, "2026-11-01", 10)
	_, err := start(t, f)
	require.NoError(t, err)
	f.Window = "5m"
	refused(t, f, "lake", "windows of 1m0s, not of 5m0s")

	partly := day(t, f, dir, "2026-11-02", 1)
	partly.Replace = true
	refused(t, partly, "lake", "does not cover")

	f.Replace = true
	_, err = start(t, f)
	require.NoError(t, err)
	for _, got := range []results{inWarehouse(t, f), inLake(t, f)} {
		require.Len(t, got.Conversions, 1)
		assert.EqualValues(t, 10, got.Conversions[0].Clicks)
		assert.EqualValues(t, 300_000, got.Conversions[0].WindowEnd-got.Conversions[0].WindowStart)
	}
}

func TestAnotherFormatIsRefused(t *testing.T) {
	f := day(t, place(t, "direct"), t.TempDir(), "2026-11-01", 3)
	_, err := start(t, f)
	require.NoError(t, err)
	f.LakeFormat = "jsonl"
	refused(t, f, "lake", "has parquet files, not jsonl")
	f.Replace = true
	_, err = start(t, f)
	require.NoError(t, err)
	for name := range filesIn(t, f.Lake) {
		assert.False(t, strings.HasSuffix(name, ".parquet"), name)
	}
}

func TestTheWarehouseIsHeldToTheSame(t *testing.T) {
	dir := t.TempDir()
	f := day(t, place(t, "direct"), dir, "2026-11-01", 3)
	_, err := start(t, f)
	require.NoError(t, err)
	other := day(t, f, dir, "2026-11-02", 3)
	other.Lake = t.TempDir()
	refused(t, other, "warehouse", "clicks-2026-11-01")

	require.NoError(t, os.WriteFile(dir+"/no.db", []byte(strings.Repeat("not a database ", 100)), 0o644))
	other.Warehouse = "sqlite:" + dir + "/no.db"
	_, err = start(t, other)
	var flagError *engine.FlagError
	require.ErrorAs(t, err, &flagError)
	assert.Equal(t, "warehouse", flagError.Flag)
}
