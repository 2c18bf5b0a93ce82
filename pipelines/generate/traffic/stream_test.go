package traffic

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// faulty has every fault; its shares of 10,000 are whole numbers.
func faulty() Options {
	opts := Defaults()
	opts.Clicks, opts.Orders = 10_000, 10_000
	opts.Late, opts.Duplicates, opts.Malformed = 0.05, 0.03, 0.01
	return opts
}

// seen follows one stream and checks what holds for both of them.
type seen struct {
	t       *testing.T
	opts    Options
	counts  Counts
	places  map[string]int // where an id stands, counted in distinct records
	before  map[string]string
	arrival time.Time
	changed int // duplicates that differ from the original
}

func newSeen(t *testing.T, opts Options) *seen {
	return &seen{t: t, opts: opts, places: map[string]int{}, before: map[string]string{}, arrival: opts.Start}
}

func (s *seen) record(r Record, id string, at time.Time, err error) {
	s.counts.Add(r)
	assert.False(s.t, r.Time.Before(s.arrival), "arrival went back")
	s.arrival = r.Time
	assert.Equal(s.t, r.Fault == Malformed, err != nil, "%s: %v", r.Payload, err)
	if r.Fault == Malformed {
		return
	}
	assert.False(s.t, at.Before(s.opts.Start) || !at.Before(s.opts.Start.Add(s.opts.Span)), "%s", r.Payload)
	place, known := s.places[id]
	assert.Equal(s.t, r.Fault == Duplicate, known, "%s", r.Payload)
	switch late := r.Time.Sub(at); r.Fault {
	case Duplicate:
		assert.LessOrEqual(s.t, s.counts.Records-place, resendWithin)
		if s.before[id] != string(r.Payload) {
			s.changed++
		}
		return
	case Late:
		assert.True(s.t, late >= time.Minute && late <= 20*time.Minute, "late by %v", late)
	default:
		assert.Zero(s.t, late)
	}
	s.places[id], s.before[id] = s.counts.Records, string(r.Payload)
	assert.Equal(s.t, fmt.Sprintf("%06d", s.counts.Records), id[1:])
}

func (s *seen) check() {
	s.counts.Bytes = 0
	assert.Equal(s.t, Counts{Records: 10_000, Late: 500, Duplicates: 300, Malformed: 100}, s.counts)
}

func TestClicksWithFaults(t *testing.T) {
	s := newSeen(t, faulty())
	for r := range generator(t, s.opts).Clicks() {
		c, at, err := parseClick(r.Payload)
		id := ""
		if err == nil && assert.NotNil(t, c.EventId) {
			id = *c.EventId
		}
		s.record(r, id, at, err)
	}
	s.check()
	assert.Zero(t, s.changed)
}

func TestOrdersWithFaults(t *testing.T) {
	s := newSeen(t, faulty())
	for r := range generator(t, s.opts).Orders() {
		o, at, err := parseOrder(r.Payload)
		s.record(r, o.OrderId, at, err)
	}
	s.check()
	assert.InDelta(t, s.counts.Duplicates/correctedOneIn, s.changed, 20)
}

// The kinds are met in turn: 100 lines of 9 or 16 kinds.
func TestEveryMalformedKindAppears(t *testing.T) {
	g := generator(t, faulty())
	for _, tc := range []struct {
		name    string
		records func(func(Record) bool)
		kinds   []malformation
	}{
		{"clicks", g.Clicks(), malformedClicks},
		{"orders", g.Orders(), malformedOrders},
	} {
		t.Run(tc.name, func(t *testing.T) {
			met := map[string]int{}
			for r := range tc.records {
				if r.Fault == Malformed {
					met[kindOf(string(r.Payload), tc.kinds)]++
					if strings.Contains(string(r.Payload), "2026") {
						assert.Contains(t, string(r.Payload), r.Time.Format("2006-01-02T15:04:05.000Z"))
					}
				}
			}
			for _, m := range tc.kinds {
				assert.InDelta(t, 100/float64(len(tc.kinds)), met[m.name], 1, m.name)
			}
			assert.Len(t, met, len(tc.kinds))
		})
	}
}

// kindOf compares the parts of a kind's line that do not vary.
func kindOf(line string, kinds []malformation) string {
next:
	for _, m := range kinds {
		rest := line
		for i, fixed := range strings.Split(strings.ReplaceAll(m.line, "$id", "$time"), "$time") {
			at := strings.Index(rest, fixed)
			if at < 0 || i == 0 && at > 0 {
				continue next
			}
			rest = rest[at+len(fixed):]
		}
		if rest == "" {
			return m.name
		}
	}
	return "unknown: " + line
}

func TestEveryDuplicateComesSoonAfterItsOriginal(t *testing.T) {
	const n = 3000
	opts := Defaults()
	opts.Clicks, opts.Duplicates = n, 1
	places := map[string]int{}
	place, duplicates, nearest, farthest := 0, 0, n, 0
	for r := range generator(t, opts).Clicks() {
		if r.Fault == None {
			place++
			places[string(r.Payload)] = place
			continue
		}
		duplicates++
		if place < n { // those that are due after the last record all come at once
			nearest = min(nearest, place-places[string(r.Payload)])
			farthest = max(farthest, place-places[string(r.Payload)])
		}
	}
	assert.Equal(t, n, duplicates)
	assert.Equal(t, 1, nearest)
	assert.Equal(t, resendWithin, farthest)
}
