package unbounded

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// starts returns the partitions whose start was asked for.
func starts(f *fake) (all []string) {
	for _, call := range f.calls {
		if partition, ok := strings.CutPrefix(call, "start "); ok {
			all = append(all, partition)
		}
	}
	return all
}

func TestAPartitionOfTheStartBeginsAtItsStart(t *testing.T) {
	f := newFake("a", "b")
	f.starts["a"] = "2"
	inBubble(t, f, func(t *testing.T, r *reader) {
		s := now() - 60_000
		f.parts["a"].times = []int64{s + 9_000, s + 9_001, s + 9_002}
		f.parts["b"].times = []int64{s + 9_002}
		r.bundle()
		assert.Equal(t, []string{"a2", "b0"}, payloads(r.got))
		assert.Equal(t, []string{"a", "b"}, starts(f))
		r.next(time.Second)
		assert.Equal(t, []string{"a", "b"}, starts(f), "once")
	})
}

func TestALaterPartitionBeginsAtItsUnknownDelay(t *testing.T) {
	f := newFake("a")
	f.starts["b"] = "1"
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times, f.parts["a"].end = []int64{now()}, time.Now()
		r.bundle()
		r.next(time.Second)
		mark := r.mark
		assert.Positive(t, mark)
		f.list("a", "b")
		f.parts["b"].times = []int64{now() - 100, now() - 3_000}
		r.next(time.Second) // a is not confirmed any more
		assert.Equal(t, []string{"a0", "b0", "b1"}, payloads(r.got))
		assert.Equal(t, []string{"a"}, starts(f))
		assert.Equal(t, mark, r.mark)
		assert.Equal(t, now()-1_100-outOfOrderness, r.got[1].Watermark)
		assert.Equal(t, r.got[1].Watermark, r.got[2].Watermark)
	})
}

// As above, but its first record is older than all others' watermarks.
func TestALaterPartitionBeginsWithTheReportedWatermark(t *testing.T) {
	f := newFake("a")
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now()}
		r.bundle()
		mark := r.mark
		f.list("a", "b")
		f.parts["a"].times = append(f.parts["a"].times, now()+60_000)
		f.parts["b"].times = []int64{now() - 1}
		r.next(time.Hour)
		assert.Equal(t, []string{"a0", "a1", "b0"}, payloads(r.got))
		assert.Equal(t, mark, r.got[2].Watermark)
		assert.Equal(t, mark, r.mark)
	})
}

func TestAPartitionThatWaitsForItsParentBeginsAtItsStart(t *testing.T) {
	f := newFake("c<b", "b<a", "a")
	f.starts["a"], f.starts["b"], f.starts["c"] = "1", "2", "1"
	inBubble(t, f, func(t *testing.T, r *reader) {
		s := now() - 60_000
		f.parts["a"].times, f.parts["a"].closed = []int64{s, s + 1, s + 2}, true
		f.parts["b"].times, f.parts["b"].closed = []int64{s + 10, s + 11, s + 12}, true
		f.parts["c"].times = []int64{s + 20, s + 21}
		for range 5 {
			r.bundle()
			time.Sleep(time.Second)
		}
		assert.Equal(t, []string{"a1", "a2", "b2", "c1"}, payloads(r.got))
		assert.Equal(t, []string{"a", "b", "c"}, starts(f))
		assert.Empty(t, r.rest.Waiting)
		assert.ElementsMatch(t, []string{"a", "b"}, r.rest.Done)
		f.list("c<b") // those expire
		r.next(time.Second)
		assert.Empty(t, r.rest.Done)
		assert.Len(t, r.got, 4)
	})
}

// The records of the children come hours after the last ones that were read, but
// before the parents' end is noticed.
func TestClosedPartitionsHandOverToTheirChildren(t *testing.T) {
	for name, test := range map[string]struct{ before, after []string }{
		"one child":           {[]string{"a"}, []string{"a", "b<a"}},
		"a split":             {[]string{"a"}, []string{"a", "b<a", "c<a"}},
		"beside another":      {[]string{"x", "a"}, []string{"x", "a", "b<a"}},
		"parents that vanish": {[]string{"a"}, []string{"b<a"}},
		"a merge":             {[]string{"a1", "a2"}, []string{"a1", "a2", "b<a1,a2"}},
	} {
		f := newFake(test.before...)
		t.Run(name, func(t *testing.T) {
			inBubble(t, f, func(t *testing.T, r *reader) { handOver(t, r, test.after) })
		})
	}
}

func handOver(t *testing.T, r *reader, after []string) {
	f := r.fake
	for name := range f.parts {
		f.parts[name].times = []int64{now() - 1_000, now()}
	}
	r.bundle()
	time.Sleep(time.Hour)
	changed := now()
	f.list(after...)
	for name, part := range f.parts {
		switch name[0] {
		case 'a':
			part.times, part.closed = append(part.times, changed-1), true
		case 'x':
			part.end = time.Now()
		default:
			part.times = []int64{changed + 3, changed + 5_000}
		}
	}
	time.Sleep(10 * time.Second)
	for range 8 {
		r.next(100 * time.Millisecond)
	}
	var children []string
	for _, name := range names(f.listed) {
		if name[0] == 'b' || name[0] == 'c' {
			children = append(children, name+"0", name+"1")
		}
	}
	got := payloads(r.got)
	assert.ElementsMatch(t, children, slices.DeleteFunc(got,
		func(payload string) bool { return payload[0] == 'a' || payload[0] == 'x' }))
	for _, one := range r.got {
		assert.LessOrEqual(t, one.Watermark, one.Time-outOfOrderness+1_000, "%s", one.Payload)
	}
	if !slices.Contains(after, "x") {
		assert.Equal(t, changed+5_000-outOfOrderness, r.mark)
	}
}
