package traffic

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newClicks(opts Options) *clickSource {
	return &clickSource{rng: newRand(1, 1), opts: &opts, promotions: newPromotions(opts.Promotions, 1)}
}

func TestClickLine(t *testing.T) {
	c := &clickSource{opts: &Options{}, number: 17, user: 17, device: "mobile", event: "P601", kind: "Promotion"}
	const fields = `"UserId":"U17","Device":"mobile","Event":"P601","EventType":"Promotion","Timestamp":"1970-01-01T00:00:01.005Z"}`
	assert.Equal(t, `{`+fields, string(c.appendTo(nil, 1005)))
	c.opts.EventIDs = true
	assert.Equal(t, `{"EventId":"E000017",`+fields, string(c.appendTo(nil, 1005)))
	assert.Equal(t, `{"EventId":"E000017",`+fields, string(c.appendAgain(nil, 1005, nil)))
}

func TestClickMix(t *testing.T) {
	const n = 50_000
	promotion := regexp.MustCompile(`^P6(0[1-9]|10)$`)
	c := newClicks(Defaults())
	seen := map[string]float64{}
	for i := range n {
		c.draw(i + 1)
		assert.Equal(t, i+1, c.number)
		assert.True(t, c.user >= 1 && c.user <= users)
		assert.Equal(t, c.kind == "Promotion", promotion.MatchString(c.event), c.event)
		assert.Equal(t, c.kind == "Checkout", c.event == "C301", c.event)
		seen[c.device]++
		seen[c.kind]++
		seen[c.event]++
	}
	assert.InDelta(t, 0.6*n, seen["mobile"], 0.01*n)
	assert.InDelta(t, 0.3*n, seen["desktop"], 0.01*n)
	assert.InDelta(t, 0.1*n, seen["tablet"], 0.01*n)
	assert.InDelta(t, 0.9*n, seen["Promotion"], 0.01*n)
	assert.Greater(t, seen["Checkout"], 0.01*n)
	assert.Greater(t, seen["Navigation"], 0.01*n)
	assert.Greater(t, seen["P601"], 3*seen["P610"], "popularity hardly differs")
	assert.Positive(t, seen["P610"])
}

func TestOtherClicksFromNoneToAll(t *testing.T) {
	for share, want := range map[float64]int{0: 0, 1: 1000} {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			opts := Defaults()
			opts.Clicks, opts.OtherClicks = 1000, share
			g, err := New(opts)
			require.NoError(t, err)
			others := 0
			for r := range g.Clicks() {
				if !strings.Contains(string(r.Payload), `"EventType":"Promotion"`) {
					others++
				}
			}
			assert.Equal(t, want, others)
		})
	}
}
