package scenarios

import (
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/generate/traffic"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Random files that are given a few at a time, in any order, some again and again, leave
// the oracle's rows, and the bytes of one run over all of them.
func TestRandomFilesGivenByAndByGiveTheOraclesRows(t *testing.T) {
	for seed := range uint64(seeds / 10) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 2))
			lengths := []time.Duration{time.Second, time.Minute, 7 * time.Minute, time.Hour, 5 * time.Hour}
			window := lengths[random.IntN(len(lengths))]
			dir := t.TempDir()
			lines := randomFiles(t, random, dir, window)
			want := expect(window, lines)
			whole := place(t, "direct")
			whole.Clicks, whole.Orders = []string{dir + "/clicks*"}, []string{dir + "/orders*"}
			whole.Window = window.String()
			total, err := start(t, whole)
			require.NoError(t, err)
			for _, runner := range engine.Embedded {
				f := place(t, runner)
				f.Window, f.Clicks, f.Orders = window.String(), nil, nil
				names, err := filepath.Glob(dir + "/*")
				require.NoError(t, err)
				random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
				var summary engine.Summary
				for i, name := range names {
					day := give(f, name)
					for _, again := range names[:i] {
						if random.IntN(3) == 0 {
							day = give(day, again)
						}
					}
					if summary, err = start(t, day); err != nil {
						require.NoError(t, err, "%d of %v, windows of %v", i, names, window)
					}
				}
				assertRows(t, runner, want, inWarehouse(t, f))
				assertRows(t, runner, want, inLake(t, f))
				assertSameFiles(t, whole.Lake, f.Lake)
				assert.Equal(t, total.Ledger, summary.Ledger)
				assert.Equal(t, total.Promotions, summary.Promotions)
			}
		})
	}
}

// tenDays writes a file of each stream for each of ten days to a folder, and returns their
// names, those of a day together. Some records are in the next day's file, and some in both.
func tenDays(t *testing.T, random *rand.Rand, dir string) (days [][]string) {
	t.Helper()
	o := traffic.Defaults()
	o.Clicks, o.Orders, o.Span, o.EventIDs = 3000, 400, 10*24*time.Hour, true
	o.Duplicates, o.Malformed, o.Seed = 0.02, 0.02, random.Uint64()
	clicks, orders := generated(t, o)
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range 10 {
		date := first.AddDate(0, 0, i).Format("2006-01-02")
		days = append(days, []string{dir + "/clicks-" + date + ".jsonl", dir + "/orders-" + date + ".jsonl"})
	}
	for stream, path := range []string{clicks[0], orders[0]} {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		files := make([]string, len(days))
		for line := range strings.Lines(string(content)) {
			day := random.IntN(len(days))
			for i := range days {
				if strings.Contains(line, first.AddDate(0, 0, i).Format("2006-01-02")) {
					day = i
				}
			}
			next := min(day+1, len(days)-1)
			switch random.IntN(20) {
			case 0:
				files[next] += line
			case 1:
				files[next] += line
				fallthrough
			default:
				files[day] += line
			}
		}
		for i, content := range files {
			require.NoError(t, os.WriteFile(days[i][stream], []byte(content), 0o644))
		}
	}
	return days
}

// Ten days' files, one day after another by the same globs over a folder that grows, and in
// any order with a kill in between, twice: lake and warehouse are those of one run over all.
func TestDailyFiles(t *testing.T) {
	for i, runner := range engine.Embedded {
		t.Run(runner, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(i), 3))
			dir := t.TempDir()
			days := tenDays(t, random, dir)
			whole := place(t, runner)
			whole.Clicks, whole.Orders = []string{dir + "/clicks-*"}, []string{dir + "/orders-*"}
			total, err := start(t, whole)
			require.NoError(t, err)

			t.Run("a folder that grows", func(t *testing.T) { growingFolder(t, whole, days, total) })
			t.Run("any order, killed and again", func(t *testing.T) {
				f := place(t, runner)
				for _, i := range random.Perm(len(days)) {
					f.Clicks, f.Orders = days[i][:1], days[i][1:]
					run := asProcess(t, f)
					require.NoError(t, run.Start())
					after := time.Duration(random.IntN(500)) * time.Millisecond
					kill := time.AfterFunc(after, func() { run.Process.Kill() })
					run.Wait()
					kill.Stop()
					assertReadable(t, f)
					for range 2 {
						_, err := start(t, f)
						require.NoError(t, err)
					}
				}
				assertSameFiles(t, whole.Lake, f.Lake)
				assert.Equal(t, inWarehouse(t, whole), inWarehouse(t, f))
			})
		})
	}
}

// growingFolder moves days' files back into their folder one by one.
func growingFolder(t *testing.T, whole engine.Flags, days [][]string, total engine.Summary) {
	aside := t.TempDir()
	move := func(from, to string) { require.NoError(t, os.Rename(from, to)) }
	for _, day := range days {
		for _, name := range day {
			move(name, filepath.Join(aside, filepath.Base(name)))
		}
	}
	f := place(t, whole.Runner)
	f.Clicks, f.Orders = whole.Clicks, whole.Orders
	var summary engine.Summary
	for i, day := range days {
		for _, name := range day {
			move(filepath.Join(aside, filepath.Base(name)), name)
		}
		var err error
		summary, err = start(t, f)
		require.NoError(t, err)
		assert.Equal(t, engine.Given{New: 2, Known: 2 * i, Again: summary.Files.Again}, summary.Files)
		assert.LessOrEqual(t, summary.Files.Again, 6, "of the day before, and where random records meet")
		before := filesIn(t, f.Lake)
		again, err := start(t, f)
		require.NoError(t, err)
		assert.Equal(t, engine.Given{Known: 2 * (i + 1)}, again.Files)
		assert.Equal(t, summary.Ledger, again.Ledger)
		assert.Equal(t, before, filesIn(t, f.Lake))
	}
	assert.Equal(t, total.Ledger, summary.Ledger)
	assertSameFiles(t, whole.Lake, f.Lake)
	assert.Equal(t, inWarehouse(t, whole), inWarehouse(t, f))
}

// give adds a file to those that flags name. There need not be one of each stream.
func give(f engine.Flags, name string) engine.Flags {
	if strings.HasPrefix(filepath.Base(name), "clicks") {
		f.Clicks = append(slices.Clone(f.Clicks), name)
	} else {
		f.Orders = append(slices.Clone(f.Orders), name)
	}
	return f
}

// assertSameFiles compares lakes by their bytes.
func assertSameFiles(t *testing.T, want, got string) {
	t.Helper()
	wanted, found := filesIn(t, want), filesIn(t, got)
	assert.Equal(t, slices.Sorted(maps.Keys(wanted)), slices.Sorted(maps.Keys(found)))
	assert.Equal(t, wanted[".origin.json"], found[".origin.json"])
	for name := range wanted {
		assert.True(t, wanted[name] == found[name], name)
	}
}

// A second day that has a straggler of the first: the case daily_files_replace.
func TestASecondDayIsAdded(t *testing.T) {
	for _, runner := range engine.Embedded {
		f, both := twoDays(t, runner)
		_, err := start(t, f)
		require.NoError(t, err)
		summary, err := start(t, both)
		require.NoError(t, err)
		assert.Equal(t, engine.Given{New: 1, Again: 2}, summary.Files)
		for _, got := range []results{inWarehouse(t, both), inLake(t, both)} {
			require.Len(t, got.Conversions, 2)
			assert.EqualValues(t, 11, got.Conversions[0].Clicks)
			assert.EqualValues(t, 3, got.Conversions[0].Orders)
			assert.EqualValues(t, 5, got.Conversions[1].Clicks)
		}
	}
}

// twoDays returns flags of a first day's clicks and orders, and of a second day's clicks
// alone, of which one is of the first day.
func twoDays(t *testing.T, runner string) (first, second engine.Flags) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, lines ...string) []string {
		require.NoError(t, os.WriteFile(dir+"/"+name, []byte(strings.Join(lines, "\n")), 0o644))
		return []string{dir + "/" + name}
	}
	click := func(id, at string) string {
		return fmt.Sprintf(`{"EventId":%q,"Event":"P1","EventType":"Promotion","Timestamp":"2026-11-%sZ"}`, id, at)
	}
	var one, two, orders []string
	for i := range 10 {
		one = append(one, click(fmt.Sprint("E", i), fmt.Sprintf("01T00:00:%02d", i)))
	}
	for i := range 5 {
		two = append(two, click(fmt.Sprint("N", i), "01T00:05:00"))
	}
	for i := range 3 {
		orders = append(orders, fmt.Sprintf(`{"OrderId":"O%d","Timestamp":"2026-11-01T00:00:00Z",`+
			`"OrderLines":[{"Promotion":"P1","UnitPrice":19.99,"Quantity":2}]}`, i))
	}
	first = place(t, runner)
	second = first
	first.Clicks, first.Orders = write("clicks-1", one...), write("orders-1", orders...)
	second.Clicks, second.Orders = write("clicks-2", append(two, click("late", "01T00:00:59"))...), nil
	return first, second
}

func TestAFileThatIsNeededMustBeAsItWas(t *testing.T) {
	f, second := twoDays(t, "direct")
	_, err := start(t, f)
	require.NoError(t, err)
	content, err := os.ReadFile(f.Clicks[0])
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(f.Clicks[0], append(content, '\n'), 0o644))
	refused(t, second, "clicks",
		"is needed, since new files have records of windows that it reaches, and has changed; restore")
	require.NoError(t, os.Remove(f.Clicks[0]))
	refused(t, second, "clicks", "can't be read (no file matches "+f.Clicks[0])

	other := second // of other hours alone
	other.Clicks = []string{shares(t, t.TempDir(), "2026-11-07")}
	summary, err := start(t, other)
	require.NoError(t, err, "what is not needed may be gone")
	assert.EqualValues(t, 10, summary.Promotions["P1"].Clicks)

	require.NoError(t, os.WriteFile(f.Clicks[0], content, 0o644))
	_, err = start(t, second)
	require.NoError(t, err)
	assert.Len(t, inLake(t, second).Conversions, 3)
}

// A lake of an engine that did not note what files have.
func TestRememberedFilesOfUnknownWindowsAreLookedThrough(t *testing.T) {
	f, second := twoDays(t, "direct")
	forget := func() {
		text, err := os.ReadFile(f.Lake + "/.origin.json")
		require.NoError(t, err)
		found := regexp.MustCompile(`(?s),\s*"found": \{.*?\]\s*\}`)
		stripped := found.ReplaceAll(text, nil)
		require.NotContains(t, string(stripped), "found")
		require.NoError(t, os.WriteFile(f.Lake+"/.origin.json", stripped, 0o644))
	}
	f.Warehouse, second.Warehouse = "none", "none"
	_, err := start(t, f)
	require.NoError(t, err)
	_, err = start(t, second)
	require.NoError(t, err)
	want := filesIn(t, f.Lake)

	f.Lake, second.Lake = f.Lake+"2", f.Lake+"2"
	_, err = start(t, f)
	require.NoError(t, err)
	forget()
	_, err = start(t, second)
	require.NoError(t, err)
	assert.Equal(t, want, filesIn(t, f.Lake))
}

// clicksFrom writes a file of clicks on P1, one a minute from a time on, and returns its name.
func clicksFrom(t *testing.T, name, from string, clicks int) string {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04", from)
	require.NoError(t, err)
	var lines string
	for i := range clicks {
		lines += fmt.Sprintf(`{"EventId":"%s %s %d","Event":"P1","EventType":"Promotion","Timestamp":%q}`+"\n",
			filepath.Base(name), from, i, at.Add(time.Duration(i)*time.Minute).Format(time.RFC3339))
	}
	require.NoError(t, os.WriteFile(name, []byte(lines), 0o644))
	return name
}

// allClicks adds up the clicks of all windows.
func allClicks(all results) (n int64) {
	for _, r := range all.Conversions {
		n += r.Clicks
	}
	return n
}

// A file's name may be used again for other records: then it is the new file that is read
// again for windows that it shares.
func TestAFileOfAReplacedName(t *testing.T) {
	for _, clicks := range []int{8, 60} {
		f := place(t, "direct")
		dir := t.TempDir()
		f.Clicks, f.Orders = []string{clicksFrom(t, dir+"/x", "2026-11-02T10:00", clicks)}, nil
		_, err := start(t, f)
		require.NoError(t, err)
		clicksFrom(t, dir+"/x", "2026-11-01T10:00", 20)
		refused(t, f, "lake", "--replace")
		again := f
		again.Replace = true
		_, err = start(t, again)
		require.NoError(t, err)
		for i, more := range []string{"/s", "/u"} {
			f.Clicks = []string{clicksFrom(t, dir+more, "2026-11-01T10:00", 20)}
			summary, err := start(t, f)
			require.NoError(t, err)
			assert.Equal(t, engine.Given{New: 1, Again: i + 1}, summary.Files)
			for _, got := range []results{inLake(t, f), inWarehouse(t, f)} {
				assert.EqualValues(t, clicks+20*(i+2), allClicks(got))
			}
		}
	}
}

// A run that ends while windows are removed, since the warehouse can't, leaves nothing that the
// next one does not mend.
func TestARunThatEndsWhileItRemovesWindows(t *testing.T) {
	for name, removes := range map[string]func(f *engine.Flags, dir string){
		"--replace": func(f *engine.Flags, dir string) {
			f.Replace, f.Clicks = true, []string{clicksFrom(t, dir+"/b", "2026-11-01T10:05", 5)}
		},
		"--forget_before": func(f *engine.Flags, _ string) { f.ForgetBefore, f.Clicks = "2026-11-02", nil },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := place(t, "direct")
			f.Clicks, f.Orders = []string{clicksFrom(t, dir+"/a", "2026-11-01T10:00", 20)}, nil
			first, err := start(t, f)
			require.NoError(t, err)
			want := inLake(t, f)
			db, err := sql.Open("sqlite", strings.TrimPrefix(f.Warehouse, "sqlite:"))
			require.NoError(t, err)
			defer db.Close()
			_, err = db.Exec("CREATE TRIGGER keep BEFORE DELETE ON clicks BEGIN SELECT RAISE(ABORT, 'kept'); END")
			require.NoError(t, err)
			removing := f
			removes(&removing, dir)
			_, err = start(t, removing)
			require.ErrorContains(t, err, "kept")
			_, err = db.Exec("DROP TRIGGER keep")
			require.NoError(t, err)

			again, err := start(t, f)
			require.NoError(t, err)
			assert.Equal(t, first.Records(ledger.Read), again.Records(ledger.Read))
			if !removing.Replace {
				want = kept(want, 1793577600000) // 2026-11-02
			}
			for _, got := range []results{inLake(t, f), inWarehouse(t, f)} {
				assert.Equal(t, want.Conversions, got.Conversions)
				assert.Equal(t, want.Clicks, got.Clicks)
			}
		})
	}
}

// What stays of a file of which rows were replaced has outcomes of records that are on no books.
func TestBooksAreNotJudgedAfterReplaced(t *testing.T) {
	dir := t.TempDir()
	f := place(t, "direct")
	f.Clicks, f.Orders = []string{clicksFrom(t, dir+"/a", "2026-11-01T10:00", 20)}, nil
	_, err := start(t, f)
	require.NoError(t, err)
	b := f
	b.Replace, b.Clicks = true, []string{clicksFrom(t, dir+"/b", "2026-11-01T10:03", 5)}
	_, err = start(t, b)
	require.NoError(t, err)
	b.Replace = false
	again, err := start(t, b)
	require.NoError(t, err)
	assert.Equal(t, engine.Given{Known: 1}, again.Files)
	assertTotal(t, 20, 0, 0, again.Promotions["P1"])

	c := f
	c.Clicks = []string{clicksFrom(t, dir+"/c", "2026-11-02T10:00", 8)}
	_, err = start(t, c)
	require.NoError(t, err)
	c.Clicks, c.ForgetBefore = nil, "2026-11-02"
	forgot, err := start(t, c)
	require.NoError(t, err)
	assert.Equal(t, engine.Given{Forgets: true}, forgot.Files)
	assertTotal(t, 8, 0, 0, forgot.Promotions["P1"])
	_, err = start(t, c)
	require.NoError(t, err, "again")
}
