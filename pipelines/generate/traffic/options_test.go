package traffic

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestValidate(t *testing.T) {
	assert.NoError(t, Defaults().Validate())
	empty := Defaults()
	empty.Clicks, empty.Orders = 0, 0
	assert.NoError(t, empty.Validate())

	for _, tc := range []struct {
		want string
		set  func(*Options)
	}{
		{"--clicks=-1: ", func(o *Options) { o.Clicks = -1 }},
		{"--orders=-1: ", func(o *Options) { o.Orders = -1 }},
		{"--promotions=0: ", func(o *Options) { o.Promotions = 0 }},
		{"--promotions=1000001: ", func(o *Options) { o.Promotions = MaxPromotions + 1 }},
		{"--span=0s: ", func(o *Options) { o.Span = 0 }},
		{"--span=1.0005s: ", func(o *Options) { o.Span = 1000500 * time.Microsecond }},
		{"--start=2026-11-01T00:00:00.0005Z: ", func(o *Options) { o.Start = o.Start.Add(500 * time.Microsecond) }},
		{"--start=1969-12-31T23:59:59Z: ", func(o *Options) { o.Start = time.Unix(-1, 0).UTC() }},
		{"--start=9999-12-31T23:30:00Z: ", func(o *Options) {
			o.Start = time.Date(9999, 12, 31, 23, 30, 0, 0, time.UTC)
		}},
		{"--start=1970-01-01T00:19:59Z: ", func(o *Options) { o.Live, o.Start = true, time.Unix(20*60-1, 0).UTC() }},
		{"--other_clicks=1.5: ", func(o *Options) { o.OtherClicks = 1.5 }},
		{"--late=-0.1: ", func(o *Options) { o.Late = -0.1 }},
		{"--duplicates=NaN: ", func(o *Options) { o.Duplicates = math.NaN() }},
		{"--malformed=+Inf: ", func(o *Options) { o.Malformed = math.Inf(1) }},
	} {
		t.Run(tc.want, func(t *testing.T) {
			opts := Defaults()
			tc.set(&opts)
			assert.ErrorContains(t, opts.Validate(), tc.want)
		})
	}
}
