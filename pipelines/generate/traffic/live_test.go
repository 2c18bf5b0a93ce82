package traffic

import (
	"encoding/json"
	"iter"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLiveRecordsComeAtOnePace(t *testing.T) {
	opts := Defaults()
	opts.Live, opts.Span, opts.Clicks, opts.Orders = true, 10*time.Second, 12_340, 100
	g := generator(t, opts)
	for want, records := range map[int]iter.Seq[Record]{1234: g.Clicks(), 10: g.Orders()} {
		perSecond := make([]int, 10)
		for r := range records {
			perSecond[r.Time.Sub(opts.Start)/time.Second]++
		}
		for second, n := range perSecond {
			assert.Equal(t, want, n, "second %d", second)
		}
	}
}

// The span of a decade at a million clicks a second is what numbers must bear.
func TestLiveTrafficMayBeEndless(t *testing.T) {
	opts := faulty()
	opts.Live, opts.Span = true, 10*365*24*time.Hour
	opts.Clicks = int(opts.Span.Seconds()) * 1_000_000
	opts.Orders = opts.Clicks / 10
	var counts Counts
	last := opts.Start
	for r := range generator(t, opts).Clicks() {
		counts.Add(r)
		if r.Time.Before(last) {
			t.Fatalf("arrival went back from %v to %v", last, r.Time)
		}
		if last = r.Time; counts.Records == 100_000 {
			break
		}
	}
	assert.InDelta(t, 100, last.Sub(opts.Start).Milliseconds(), 1)
	assert.InDelta(t, 5000, counts.Late, 300)
	assert.InDelta(t, 3000, counts.Duplicates, 300)
	assert.InDelta(t, 1000, counts.Malformed, 150)
}

func TestLiveRecordsMayBeLateFromTheFirstOn(t *testing.T) {
	opts := Defaults()
	opts.Live, opts.Span, opts.Clicks, opts.Orders, opts.Late = true, time.Second, 1000, 1000, 1
	late := func(r Record, at time.Time, err error) {
		require.NoError(t, err)
		assert.Equal(t, Late, r.Fault)
		by := r.Time.Sub(at)
		assert.True(t, by >= minDelay && by <= maxDelay, "late by %v", by)
	}
	g := generator(t, opts)
	for r := range g.Clicks() {
		_, at, err := parseClick(r.Payload)
		late(r, at, err)
	}
	for r := range g.Orders() {
		_, at, err := parseOrder(r.Payload)
		late(r, at, err)
	}
}

func TestLiveIDsCountOnFromTheStart(t *testing.T) {
	opts := Defaults()
	opts.Live, opts.EventIDs, opts.Clicks, opts.Orders = true, true, 3, 3
	g := generator(t, opts)
	first := opts.Start.UnixMicro() + 1
	for i, line := range lines(g.Clicks(), all) {
		assert.Contains(t, line, `{"EventId":"E`+strconv.FormatInt(first+int64(i), 10)+`",`)
	}
	for i, line := range lines(g.Orders(), all) {
		assert.Contains(t, line, `{"OrderId":"O`+strconv.FormatInt(first+int64(i), 10)+`",`)
	}
}

func TestRecordsTellTheirUsers(t *testing.T) {
	g := generator(t, faulty())
	for _, records := range []iter.Seq[Record]{g.Clicks(), g.Orders()} {
		users := map[string]bool{}
		for r := range records {
			user := "U" + strconv.Itoa(r.User)
			if r.Fault == Malformed {
				assert.Equal(t, "U1", user)
				continue
			}
			var fields struct{ UserId string }
			require.NoError(t, json.Unmarshal(r.Payload, &fields))
			assert.Equal(t, fields.UserId, user)
			users[user] = true
		}
		assert.Greater(t, len(users), 1000)
	}
}
