//go:build integration

package web

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"adtoorder/launch/dashboard/dashboardtest"
	"adtoorder/launch/dashboard/query"
	"adtoorder/launch/dashboard/report"
	"adtoorder/transforms/conversion"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var strict = flag.Bool("strict", false, "hold the page to its times, on a machine that does nothing else")

// waitLimit bounds what is waited for, on a machine that is busy with others; freshLimit is
// within what time a change is to be seen on one that is not.
const (
	waitLimit  = time.Minute
	freshLimit = 5 * time.Second
)

// browser is a real Chromium with the page of a warehouse.
type browser struct {
	t       *testing.T
	ctx     context.Context
	address string

	mutex    sync.Mutex
	requests []string // addresses that were asked for
	errors   []string // of the console
}

// open serves a warehouse on a free port, and opens its page at a size.
func open(t *testing.T, path string, width, height int64) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	require.NoError(t, err, "apt-get install chromium fonts-liberation")
	w, err := query.Open("sqlite:" + path)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	serving, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	s := New(serving, "sqlite:"+path, w)
	go s.Serve(serving, l)
	require.Eventually(t, func() bool { return s.snapshot.get().ready }, waitLimit, 10*time.Millisecond)

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(waitLimit))
	for _, quiet := range []string{"quic", "background-networking", "component-update", "sync"} {
		options = append(options, chromedp.Flag("disable-"+quiet, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*waitLimit)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, address: "http://" + l.Addr().String()}
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	require.NoError(t, err)
	_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	b.do(chromedp.EmulateViewport(width, height), chromedp.Navigate(b.address+"/"),
		chromedp.WaitVisible("[data-section=ratios] svg"))
	return b
}

func (b *browser) listen(event any) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, fmt.Sprint(e.Type))
	case *log.EventEntryAdded:
		b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

// eval evaluates JavaScript.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(b.t, err, expression)
	return value
}

// until waits until JavaScript is true.
func (b *browser) until(expression, what string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return eval[bool](b, expression) }, waitLimit, 50*time.Millisecond, what)
}

// rows are the cells of a table, line by line.
func (b *browser) rows(section string) [][]string {
	b.t.Helper()
	return eval[[][]string](b, fmt.Sprintf(`[...document.querySelectorAll('[data-section="%s"] tbody tr')].map(r => [r.dataset.from || "", ...[...r.cells].map(c => c.textContent)])`, section))
}

// shot keeps a screenshot in the folder that the environment's SCREENSHOTS names.
func (b *browser) shot(name string) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(dir+"/"+name+".png", image, 0o644))
}

// Every number of the tables is the view's, and every bar says the same.
func TestBrowserShowsTheViewsNumbers(t *testing.T) {
	path := warehouse(t)
	b := open(t, path, 1200, 900)
	found, err := dashboardtest.Open(t, path).Query("SELECT date, promotion, clicks, orders, " +
		"conversion_ratio FROM view_conversion_ratio")
	require.NoError(t, err)
	defer found.Close()
	want := map[string][]string{}
	for found.Next() {
		var date, promotion string
		var clicks, orders int64
		var ratio *float64
		require.NoError(t, found.Scan(&date, &promotion, &clicks, &orders, &ratio))
		low, high := conversion.Interval(clicks, orders)
		want[date+" "+promotion] = []string{report.Thousands(clicks), report.Thousands(orders), report.Percent(ratio),
			report.Percent(low), report.Percent(high)}
	}
	got := map[string][]string{}
	for _, r := range b.rows("ratios-table") {
		got[r[0]+" "+r[1]] = r[3:8]
	}
	assert.Equal(t, want, got)
	hints := strings.Join(eval[[]string](b, `[...document.querySelectorAll('[data-section=ratios] .hit title')].map(t => t.textContent)`), "\n")
	for key, row := range want {
		_, promotion, _ := strings.Cut(key, " ")
		assert.Contains(t, hints, promotion+", ")
		assert.Contains(t, hints, row[0]+" clicks, "+row[1]+" orders")
	}
	b.shot("numbers")
	b.assertQuiet()
}

// assertQuiet: nothing was asked of another machine, and the console is empty.
func (b *browser) assertQuiet() {
	b.t.Helper()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	assert.NotEmpty(b.t, b.requests)
	for _, address := range b.requests {
		// the icons of Chromium's own date fields
		own := strings.HasPrefix(address, b.address+"/") || strings.HasPrefix(address, "data:")
		assert.True(b.t, own, address)
	}
	assert.Empty(b.t, b.errors)
}

func TestBrowserShowsALateRecordWithoutAReload(t *testing.T) {
	path := warehouse(t)
	b := open(t, path, 1200, 900)
	bar := `[...document.querySelectorAll('[data-section=ratios] .hit title')].some(t => t.textContent.includes("P601, 3 Nov\n%s clicks"))`
	b.until(fmt.Sprintf(bar, "1,000"), "the bar as it was")
	b.do(chromedp.Click("details[data-keep=ratios] summary"))
	eval[bool](b, `window.same = document.querySelector("main"), document.querySelector("[data-section=insights]").dataset.same = "1", true`)
	dashboardtest.Put(t, path, dashboardtest.Row{Start: day, Promotion: "P601", Clicks: 1001, Orders: 120,
		LateClicks: 1})
	changed := time.Now()
	b.until(fmt.Sprintf(bar, "1,001"), "a late click changes its bar")
	if *strict {
		assert.Less(t, time.Since(changed), freshLimit)
	}
	assert.True(t, eval[bool](b, `window.same === document.querySelector("main")`), "no reload")
	assert.True(t, eval[bool](b, `document.querySelector("details[data-keep=ratios]").open`), "what was opened stays open")
	assert.True(t, eval[bool](b, `document.querySelectorAll('[data-section=timeline] .restated').length > 0`), "and it counts as restated")
	b.assertQuiet()
}

func TestBrowserTakesNamesForText(t *testing.T) {
	b := open(t, warehouse(t), 1200, 900)
	assert.True(t, eval[bool](b, `[...document.querySelectorAll("[data-section=ratios] text")].some(t => t.textContent.startsWith("<script>alert(1)"))`))
	assert.True(t, eval[bool](b, `[...document.querySelectorAll("[data-section=ratios-table] th a")].some(t => t.textContent === "<script>alert(1)</script>")`))
	assert.Equal(t, 1, eval[int](b, `document.scripts.length`))
	b.do(chromedp.Navigate(b.address + "/?search=" + url.QueryEscape(`"><script>alert(1)</script>`)))
	b.until(`document.querySelector("#problem") !== null`, "a search that finds nothing says so")
	assert.Equal(t, `"><script>alert(1)</script>`, eval[string](b, `document.querySelector("[name=search]").value`))
	b.assertQuiet()
}

func TestBrowserFiltersByLinkAndForm(t *testing.T) {
	b := open(t, warehouse(t), 1200, 900)
	promotions := `new Set([...document.querySelectorAll("[data-section=ratios-table] tbody tr")].map(r => r.dataset.promotion))`
	b.do(chromedp.Click("details[data-keep=ratios] summary"), chromedp.Click(`[data-section=ratios-table] tr[data-promotion=none] a`))
	b.until(promotions+`.size === 1 && location.search === "?promotion=none"`, "a click on a promotion shows it alone, and the address says so")
	b.do(chromedp.NavigateBack())
	b.until(promotions+`.size === 4 && location.search === ""`, "back")
	length := eval[int](b, `history.length`)
	b.do(chromedp.SendKeys("[name=search]", "p6"))
	b.until(promotions+`.size === 1 && location.search === "?search=p6" && document.title.startsWith("“p6” · ")`, "a search")
	assert.Equal(t, length, eval[int](b, `history.length`), "letters make no history")
	assert.Equal(t, "2026-11-03", eval[string](b, `document.querySelector("[name=to]").value`), "the date in force")
	eval[bool](b, `document.querySelector("[name=search]").value = "", document.querySelector("[name=log]").click(), true`)
	b.until(`location.search === "?log=1" && [...document.querySelectorAll("[data-section=counts] text")].some(t => t.textContent === "1000")`, "a logarithmic axis")
	b.until(`document.querySelector("[data-section=promotions] thead a").href.includes("log=1")`, "links that keep it")
	b.do(chromedp.Click("[data-section=promotions] thead th:nth-child(2) a"))
	b.until(`location.search.includes("sort=clicks") && document.querySelector("[data-section=ratios-table] tbody tr").dataset.promotion === "P601"`, "sorted by clicks")
	address := eval[string](b, `location.href`)
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(address),
		chromedp.WaitVisible("[data-section=ratios] svg"))
	assert.Equal(t, "true Clicks ▼", eval[string](b, `document.querySelector("[name=log]").checked + " " + `+
		`document.querySelector("[aria-sort]").textContent`), "the link shows the same view")
}

// On a phone nothing is wider than the screen, and charts are drawn for it.
func TestBrowserOnAPhone(t *testing.T) {
	b := open(t, warehouse(t), 360, 740)
	b.until(`document.querySelector("[data-section=ratios] svg").getAttribute("width") <= 360`, "drawn for the width")
	assert.LessOrEqual(t, eval[int](b, `document.documentElement.scrollWidth`), 360)
	b.shot("phone")
	b.assertQuiet()
}

// By the keyboard alone everything is reached, and what it rests on is named.
func TestBrowserByKeyboardAndScreenReader(t *testing.T) {
	b := open(t, warehouse(t), 1200, 900)
	assert.True(t, eval[bool](b, `[...document.querySelectorAll("a, button, input, select, summary")].every(e => e.tabIndex >= 0)`))
	assert.True(t, eval[bool](b, `[...document.querySelectorAll("input:not([type=hidden]), select")].every(e => e.labels.length > 0)`), "every field has a label")
	assert.True(t, eval[bool](b, `[...document.querySelectorAll("svg:not([aria-hidden])")].every(e => e.getAttribute("role") === "img" && e.getAttribute("aria-label"))`), "every chart a name")
	assert.True(t, eval[bool](b, `[...document.querySelectorAll("figure")].every(e => e.querySelector("details table caption"))`), "and a table behind it")
	b.do(chromedp.KeyEvent("\t"))
	assert.Equal(t, "Skip to the numbers", eval[string](b, `document.activeElement.textContent`))
}

// A thousand promotions over ninety dates.
func TestBrowserWithManyPromotions(t *testing.T) {
	path := dashboardtest.Empty(t)
	var rows []dashboardtest.Row
	for d := range 90 {
		for p := range 1000 {
			rows = append(rows, dashboardtest.Row{Start: day.AddDate(0, 0, -d), Promotion: fmt.Sprintf("P%04d", p),
				Clicks: int64(100 + (p*7+d*13)%900), Orders: int64((p*3 + d) % 60)})
		}
	}
	dashboardtest.Put(t, path, rows...)
	b := open(t, path, 1200, 900)
	paint := func() float64 {
		return eval[float64](b, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 1e9`)
	}
	b.do(chromedp.Navigate(b.address+"/?from=2026-08-06"), chromedp.WaitVisible("[data-section=ratios] svg"))
	b.until(`performance.getEntriesByName("first-contentful-paint").length > 0`, "a paint")
	first := paint()
	assert.True(t, eval[bool](b, `document.querySelector("[data-section=promotions]").textContent.includes("Page 1 of 40")`))
	b.do(chromedp.SendKeys("[name=search]", "P0777"))
	b.until(`document.querySelectorAll("[data-section=counts-table] tbody tr").length === 1`, "a search")
	searched := eval[float64](b, `performance.getEntriesByName("renew").at(-1).duration`)
	b.do(chromedp.Navigate(b.address+"/?from=2026-08-06&sort=clicks"),
		chromedp.WaitVisible("[data-section=ratios] svg"))
	before := eval[string](b, `document.querySelector("[data-section=insights] li").textContent`)
	b.until(`performance.getEntriesByName("renew").length > 0`, "the script runs")
	dashboardtest.Put(t, path, dashboardtest.Row{Start: day, Promotion: "P0001", Clicks: 999_999, Orders: 5})
	changed := time.Now()
	b.until(fmt.Sprintf(`document.querySelector("[data-section=insights] li").textContent !== %q`, before), "an update")
	seen, renewed := time.Since(changed), eval[float64](b, `performance.getEntriesByName("renew").at(-1).duration`)
	t.Logf("90,000 rows: first paint %.0f ms, a search %.0f ms, an update %.0f ms, seen %v after it was written", first,
		searched, renewed, seen.Round(time.Millisecond))
	if *strict {
		assert.Less(t, first, 1000.0, "ms")
		assert.Less(t, renewed, 300.0, "ms")
		assert.Less(t, seen, freshLimit)
	}
	b.shot("many")
	b.assertQuiet()
}
