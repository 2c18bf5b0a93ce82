package pubsub

import (
	"testing"
	"time"

	"adtoorder/io/unbounded"

	"github.com/stretchr/testify/assert"
)

// pull is one answer: when, and how old its oldest message was; none where that
// is negative.
type pull struct{ at, age time.Duration }

func TestRecent(t *testing.T) {
	beginning := unbounded.Backlog{Delay: unbounded.UnknownDelay}
	of := func(published, delay time.Duration) unbounded.Backlog {
		return unbounded.Backlog{Oldest: start.Add(published).UnixMilli(), Delay: delay}
	}
	const none, minute = -1, 70 * time.Second
	for name, test := range map[string]struct {
		pulls []pull
		want  unbounded.Backlog
	}{
		"nothing yet":             {nil, beginning},
		"a first message":         {[]pull{{0, time.Hour}}, beginning},
		"almost a minute of them": {[]pull{{0, time.Hour}, {minute - 1, time.Second}}, beginning},
		"the first still counts":  {[]pull{{0, time.Hour}, {minute, time.Second}}, of(-time.Hour, time.Hour)},
		"the first long ago": {[]pull{{0, time.Hour}, {minute, time.Second}, {minute + 6*time.Second, time.Second}},
			of(minute-time.Second, time.Second)},
		"an empty one looks back": {[]pull{{0, time.Hour}, {minute, none}}, of(-time.Hour, time.Hour)},
		"the oldest, not the last": {[]pull{{0, none}, {60 * time.Second, 3 * time.Second}, {minute, 30 * time.Second},
			{minute + time.Second, 2 * time.Second}}, of(minute-30*time.Second, 30*time.Second)},
		"silence":             {[]pull{{0, time.Hour}, {minute, none}, {2 * minute, none}}, unbounded.Backlog{}},
		"no answers for long": {[]pull{{0, none}, {minute, none}, {2*minute + 1, none}}, beginning},
	} {
		t.Run(name, func(t *testing.T) {
			var r backlog
			for _, p := range test.pulls {
				oldest := int64(0)
				if p.age >= 0 {
					oldest = start.Add(p.at - p.age).UnixMilli()
				}
				r.pulled(start.Add(p.at), oldest)
			}
			assert.Equal(t, test.want, *r.get())
		})
	}
}

func TestRecentIsBounded(t *testing.T) {
	var r backlog
	for i := range 100_000 {
		r.pulled(start.Add(time.Duration(i)*10*time.Millisecond), start.UnixMilli())
		assert.LessOrEqual(t, len(r.buckets), buckets+2)
	}
}
