package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"adtoorder/launch/dashboard/dashboardtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Clicks of a date that stands for none, or that a wrong clock told, leave the page at the
// date of the others, and every part of it works, also when it is asked for that date: the
// last window of 9999 ends in the year 10000, which JSON's times can't hold.
func TestThePageWithATimeFarAhead(t *testing.T) {
	for _, last := range []string{"9999-12-31T23:59:59.999Z", "9999-12-31T00:00:00Z", "2062-11-01T00:00:00Z"} {
		t.Run(last, func(t *testing.T) {
			var clicks []string
			click := func(at string) {
				clicks = append(clicks, fmt.Sprintf(`{"EventId":"E%d","UserId":"U1","Event":"P1",`+
					`"EventType":"Promotion","Timestamp":"%s"}`, len(clicks), at))
			}
			for i := range 10 {
				click(fmt.Sprintf("2026-11-01T00:00:%02dZ", i))
			}
			click(last)
			h := serve(t, dashboardtest.Run(t, "1m", clicks, []string{`{"OrderId":"O1","Timestamp":` +
				`"2026-11-01T00:00:30Z","OrderLines":[{"Promotion":"P1","UnitPrice":19.99,"Quantity":2}]}`}))
			for _, asked := range []string{"", "?range=all", "?over=day", "?from=1970-01-01",
				"?from=" + last[:10], "?from=" + last[:10] + "&over=day", "?from=" + last[:10] + "&over=hour"} {
				for _, path := range []string{"/", "/sections", "/api/report", "/api/timeline", "/chart/timeline.svg",
					"/chart/ratios.svg", "/table/ratios.csv"} {
					got := get(t, h, path+asked)
					assert.Equal(t, http.StatusOK, got.Code, "%s: %s", path+asked, got.Body)
				}
			}
			var report struct {
				To    string
				Total struct{ Clicks, Orders int64 }
			}
			require.NoError(t, json.Unmarshal(get(t, h, "/api/report").Body.Bytes(), &report))
			assert.Equal(t, "2026-11-01", report.To)
			assert.EqualValues(t, 10, report.Total.Clicks)
			assert.EqualValues(t, 1, report.Total.Orders)
			assert.Contains(t, get(t, h, "/").Body.String(), last[:10], "the outlier is named")
		})
	}
}
