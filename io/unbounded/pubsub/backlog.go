package pubsub

import (
	"time"

	"adtoorder/io/unbounded"
)

// BacklogSpan is how far back a reader looks to tell what is still to be expected:
// longer than messages stay leased to a reader that is no more, and than a seek
// takes to take full effect. It is a variable for tests.
var BacklogSpan = leaseExtension + leaseTime

// buckets is how many parts BacklogSpan is divided into, which are forgotten one by one.
const buckets = 14

// backlog is what was pulled within BacklogSpan. It is empty at first.
type backlog struct {
	since   time.Time // when reading began
	last    time.Time // the last pull that was answered
	buckets []bucket  // in order of time
}

// bucket is what was pulled in a part of that time.
type bucket struct {
	from   time.Time
	oldest int64         // least time of publishing, in milliseconds since the Unix epoch
	delay  time.Duration // longest from publishing to reading
}

// pulled notes the answer to a pull: the least time of publishing in it, 0 for an
// empty one. After a long time without answers it begins again.
func (r *backlog) pulled(now time.Time, oldest int64) {
	if now.Sub(r.last) > BacklogSpan {
		*r = backlog{since: now}
	}
	r.last = now
	for len(r.buckets) > 0 && now.Sub(r.buckets[0].from) > BacklogSpan+BacklogSpan/buckets {
		r.buckets = r.buckets[1:]
	}
	if oldest == 0 {
		return
	}
	n := len(r.buckets)
	if n == 0 || now.Sub(r.buckets[n-1].from) > BacklogSpan/buckets {
		r.buckets, n = append(r.buckets, bucket{from: now, oldest: oldest}), n+1
	}
	b := &r.buckets[n-1]
	b.oldest, b.delay = min(b.oldest, oldest), max(b.delay, now.Sub(time.UnixMilli(oldest)))
}

// get returns what was pulled lately, as of the last pull.
func (r *backlog) get() *unbounded.Backlog {
	if r.last.Sub(r.since) < BacklogSpan {
		return &unbounded.Backlog{Delay: unbounded.UnknownDelay}
	}
	out := &unbounded.Backlog{}
	for i, b := range r.buckets {
		if i == 0 || b.oldest < out.Oldest {
			out.Oldest = b.oldest
		}
		out.Delay = max(out.Delay, b.delay)
	}
	return out
}
