package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"adtoorder/launch/dashboard/dashboardtest"
	"adtoorder/launch/dashboard/query"
	"adtoorder/launch/dashboard/report"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const script = `<script>alert(1)</script>`

// serve serves a warehouse, and waits until it was read.
func serve(t *testing.T, path string) http.Handler {
	t.Helper()
	w, err := query.Open("sqlite:" + path)
	require.NoError(t, err)
	s := New(t.Context(), "sqlite:"+path, w)
	require.Eventually(t, func() bool { return s.snapshot.get().ready }, time.Minute, 10*time.Millisecond)
	h, err := s.Handler(true)
	require.NoError(t, err)
	return h
}

func get(t *testing.T, h http.Handler, address string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.Host = "localhost:8080"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var day = time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC)

// warehouse has a promotion of every kind.
func warehouse(t *testing.T) string {
	t.Helper()
	path := dashboardtest.Empty(t)
	dashboardtest.Put(t, path,
		dashboardtest.Row{Start: day.AddDate(0, 0, -1), Promotion: "P601", Clicks: 900, Orders: 90, RevenueMicros: 5e6},
		dashboardtest.Row{Start: day, Promotion: "P601", Clicks: 1000, Orders: 120},
		dashboardtest.Row{Start: day, Promotion: script, Clicks: 50, Orders: 60},
		dashboardtest.Row{Start: day, Promotion: "=1+1", Clicks: 3, Orders: 1},
		dashboardtest.Row{Start: day, Promotion: "none", Orders: 4})
	return path
}

func TestThePageAndItsHeaders(t *testing.T) {
	h := serve(t, warehouse(t))
	got := get(t, h, "/")
	require.Equal(t, http.StatusOK, got.Code)
	body := got.Body.String()
	assert.Contains(t, body, "P601")
	assert.NotContains(t, body, script)
	assert.Contains(t, body, "&lt;script&gt;alert(1)&lt;/script&gt;")
	assert.NotRegexp(t, `style=|<style|onclick`, body)
	assert.Contains(t, body, "orders without clicks")
	assert.Contains(t, body, "over 100 %")
	assert.Contains(t, body, "few clicks")
	policy := got.Header().Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'")
	assert.NotContains(t, policy, "unsafe")
	assert.Equal(t, "nosniff", got.Header().Get("X-Content-Type-Options"))
}

func TestOnlyReading(t *testing.T) {
	h := serve(t, warehouse(t))
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} {
		t.Run(method, func(t *testing.T) {
			r := httptest.NewRequest(method, "/", nil)
			r.Host = "localhost"
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
			assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
		})
	}
	r := httptest.NewRequest(http.MethodHead, "/", nil)
	r.Host = "127.0.0.1:8080"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Empty(t, w.Body.String())
}

func TestOtherHostsAreRefused(t *testing.T) {
	h := serve(t, warehouse(t))
	for host, want := range map[string]int{"evil.example": 421, "localhost": 200, "[::1]:8080": 200, "127.0.0.1": 200,
		"192.0.2.1:8080": 421} {
		t.Run(host, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/api/report", nil)
			r.Host = host
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			assert.Equal(t, want, w.Code)
		})
	}
}

// What has not changed is not sent again.
func TestSections(t *testing.T) {
	path := warehouse(t)
	h := serve(t, path)
	first := get(t, h, "/sections?w=640")
	require.Equal(t, http.StatusOK, first.Code)
	var sections map[string]string
	require.NoError(t, json.Unmarshal(first.Body.Bytes(), &sections))
	assert.Len(t, sections, len(sectionNames))
	assert.Contains(t, sections["ratios"], `width="640"`)
	tag := first.Header().Get("ETag")
	assert.Equal(t, http.StatusNotModified, get(t, h, "/sections?w=640", "If-None-Match", tag).Code)
	dashboardtest.Put(t, path, dashboardtest.Row{Start: day, Promotion: "P601", Clicks: 1001, Orders: 120,
		LateClicks: 1})
	assert.Eventually(t, func() bool {
		return strings.Contains(get(t, h, "/sections?w=640", "If-None-Match", tag).Body.String(), "1,901")
	}, time.Minute, 50*time.Millisecond, "a late record is there within seconds")
}

func TestDownloads(t *testing.T) {
	h := serve(t, warehouse(t))
	lines, err := csv.NewReader(get(t, h, "/table/ratios.csv").Body).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"promotion", "from", "to", "clicks", "orders", "conversion_ratio", "ratio_low",
		"ratio_high"}, lines[0])
	assert.Contains(t, lines, []string{"'=1+1", "2026-11-03", "2026-11-03", "3", "1", "33.333333333333336",
		"6.149194472039621", "79.23403991979524"})
	assert.Contains(t, lines, []string{"none", "2026-11-03", "2026-11-03", "0", "4", "", "", ""})
	lines, err = csv.NewReader(get(t, h, "/table/counts.csv?promotion=P601").Body).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 2)
	assert.Equal(t, []string{"P601", "2026-10-28", "2026-11-03", "1900", "210", "0", "0", "5000000", "0", "0",
		"11.052631578947368"}, lines[1][:11])
	drawn, err := strconv.ParseFloat(lines[1][11], 64)
	require.NoError(t, err)
	assert.InDelta(t, 11.079, drawn, 0.001)
	lines, err = csv.NewReader(get(t, h, "/table/timeline.csv?promotion=P601&over=hour").Body).ReadAll()
	require.NoError(t, err)
	assert.Len(t, lines, 2)
	for _, name := range []string{"ratios", "counts", "timeline"} {
		t.Run(name, func(t *testing.T) {
			svg := get(t, h, "/chart/"+name+".svg?w=500")
			assert.Equal(t, "image/svg+xml", svg.Header().Get("Content-Type"))
			assert.Contains(t, svg.Header().Get("Content-Disposition"), name+"-2026-10-28-2026-11-03.svg")
			assert.NoError(t, xml.Unmarshal(svg.Body.Bytes(), new(struct{})))
			_, err := png.Decode(get(t, h, "/chart/"+name+".png").Body)
			assert.NoError(t, err)
		})
	}
	for _, address := range []string{"/chart/other.svg", "/chart/ratios.gif", "/table/ratios.json", "/api/secret",
		"/../main.go", "/assets/../server.go"} {
		t.Run(address, func(t *testing.T) {
			assert.NotEqual(t, http.StatusOK, get(t, h, address).Code, address)
		})
	}
}

func TestAPI(t *testing.T) {
	h := serve(t, warehouse(t))
	var r report.Report
	require.NoError(t, json.Unmarshal(get(t, h, "/api/report?sort=clicks").Body.Bytes(), &r))
	require.NotEmpty(t, r.Promotions)
	assert.Equal(t, "P601", r.Promotions[0].Name)
	assert.EqualValues(t, 1900, r.Promotions[0].Clicks)
	bad := get(t, h, "/api/report?from=soon")
	assert.Equal(t, http.StatusBadRequest, bad.Code)
	assert.Contains(t, bad.Body.String(), "must be a date such as")
}

func TestLinksKeepTheFilter(t *testing.T) {
	h := serve(t, warehouse(t))
	body := get(t, h, "/?sort=clicks&promotion=P601&promotion="+url.QueryEscape(script)).Body.String()
	assert.Contains(t, body, `href="?promotion=%3Cscript%3Ealert%281%29%3C%2Fscript%3E&amp;sort=clicks"`, "without the other one")
	assert.Contains(t, body, `href="table/ratios.csv?promotion=`)
	assert.NotContains(t, body, script)
}

// What is wrong is said, and numbers that were read stay.
func TestProblems(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	h := serve(t, path)
	assert.Contains(t, get(t, h, "/").Body.String(), "There is no warehouse at")
	assert.Equal(t, http.StatusServiceUnavailable, get(t, h, "/api/report").Code)
	require.NoError(t, os.Rename(dashboardtest.Empty(t), path))
	assert.Eventually(t, func() bool { return strings.Contains(get(t, h, "/").Body.String(), "has no rows yet") },
		time.Minute, 50*time.Millisecond)
	dashboardtest.Put(t, path, dashboardtest.Row{Start: day, Promotion: "P601", Clicks: 1234, Orders: 5})
	assert.Eventually(t, func() bool { return strings.Contains(get(t, h, "/").Body.String(), "1,234") }, time.Minute,
		50*time.Millisecond)
	assert.Contains(t, get(t, h, "/?search=nobody").Body.String(), "Nothing matches")
	require.NoError(t, os.Remove(path))
	assert.Eventually(t, func() bool {
		return strings.Contains(get(t, h, "/").Body.String(), "There is no warehouse at")
	}, time.Minute, 50*time.Millisecond)
	assert.Contains(t, get(t, h, "/").Body.String(), "1,234", "what was read last stays")
}

func TestMergeOfRecentDates(t *testing.T) {
	d := func(date string, clicks int64) query.Day {
		return query.Day{Date: date, Promotion: "P", Counters: query.Counters{Clicks: clicks}}
	}
	e := func(date string, records int64) query.Entry {
		return query.Entry{Date: date, Stream: "clicks", Outcome: "read", Records: records}
	}
	old := query.Extract{Days: []query.Day{d("2026-11-01", 1), d("2026-11-02", 2), d("2026-11-03", 3)},
		Entries: []query.Entry{e("1970-01-01", 10), e("2026-11-01", 1), e("2026-11-03", 3)}}
	got := merge(old, query.Extract{Entries: []query.Entry{e("1970-01-01", 11)}},
		query.Extract{Days: []query.Day{d("2026-11-02", 20), d("2026-11-04", 40)},
			Entries: []query.Entry{e("2026-11-02", 2)}}, "2026-11-02")
	assert.Equal(t, []query.Day{d("2026-11-01", 1), d("2026-11-02", 20), d("2026-11-04", 40)}, got.Days)
	assert.Equal(t, []query.Entry{e("1970-01-01", 11), e("2026-11-01", 1), e("2026-11-02", 2)}, got.Entries)
}

func TestALedgerThatStaysOffIsStuck(t *testing.T) {
	s := &snapshot{}
	s.set(state{extract: query.Extract{Entries: []query.Entry{{Stream: "clicks", Outcome: "read", Records: 3}}}})
	sheet := report.Sheets(s.get().extract.Entries)[0]
	assert.False(t, s.get().stuck(sheet, time.Now()))
	assert.True(t, s.get().stuck(sheet, time.Now().Add(patience+time.Second)))
	s.set(s.get())
	assert.True(t, s.get().stuck(sheet, time.Now().Add(patience+time.Second)), "another change keeps the time")
}

func TestAssetsAreServed(t *testing.T) {
	h := serve(t, warehouse(t))
	for name, kind := range map[string]string{"page.js": "text/javascript", "page.css": "text/css",
		"icon.svg": "image/svg+xml"} {
		t.Run(name, func(t *testing.T) {
			got := get(t, h, "/assets/"+name)
			assert.Equal(t, http.StatusOK, got.Code)
			assert.Contains(t, got.Header().Get("Content-Type"), kind)
			assert.False(t, bytes.Contains(got.Body.Bytes(), []byte("//cdn")))
		})
	}
}

// The tiles and the table say the same as the report does.
func TestOverviewAndPromotions(t *testing.T) {
	path := dashboardtest.Empty(t)
	var rows []dashboardtest.Row
	for d := range 14 {
		for p := range 30 {
			orders := int64(50)
			if p == 7 && d < 7 {
				orders = 10
			}
			rows = append(rows, dashboardtest.Row{Start: day.AddDate(0, 0, -d).Add(13*time.Hour + 59*time.Minute),
				Promotion: fmt.Sprintf("P%02d", p), Clicks: 1000, Orders: orders, RevenueMicros: orders * 20e6})
		}
	}
	dashboardtest.Put(t, path, rows...)
	h := serve(t, path)
	body := get(t, h, "/?sort=advice").Body.String()
	for _, want := range []string{"<strong>210,000</strong>", "<strong>10,220</strong>", "<strong>4.87 %</strong>",
		"<strong>204,400.00</strong>", "−2.7 %", "full days 2026-10-28 to 2026-11-03 with 2026-10-21 to 2026-10-27",
		"Page 1 of 2", `aria-sort="descending"`, "<title>2026-10-28 to 2026-11-03 · Ad-to-order conversion</title>"} {
		assert.Contains(t, body, want)
	}
	first := body[strings.Index(body, `<tr data-promotion="`):]
	first = first[:strings.Index(first, "</tr>")]
	for _, want := range []string{"P07", "7,000", "1.00 %", "70", "1,400.00", "0.20", "20.00",
		"<strong>−80.0 %</strong>",
		`class="stop"`, "95 %: "} {
		assert.Contains(t, first, want)
	}
	assert.Equal(t, 5, strings.Count(get(t, h, "/?sort=advice&page=2").Body.String(), `<td class="text advice">`))
	assert.Contains(t, get(t, h, "/?page=99").Body.String(), "Page 2 of 2", "pages end somewhere")
	assert.Contains(t, get(t, h, "/?dates=1").Body.String(), "One bar a promotion")
	assert.Contains(t, get(t, h, "/").Body.String(), "A bar per date</a>",
		"30 promotions are too many for a bar per date")
}
