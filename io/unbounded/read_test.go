package unbounded

import (
	"strings"
	"testing"
	"time"

	"adtoorder/io/progress"

	"github.com/stretchr/testify/assert"
)

func TestBatchesHaveTheirWatermarks(t *testing.T) {
	f := newFake("a", "b")
	f.batch = 2
	inBubble(t, f, func(t *testing.T, r *reader) {
		start := now() - 60_000
		f.parts["a"].times = []int64{start, start + 3_000, start + 1_000, start + 5_000, start + 5_000}
		f.parts["b"].times = []int64{start + 9_000}
		before := progress.Records.Load()
		c := r.bundle()
		assert.Equal(t, []string{"a0 0", "a1 3000", "b0 9000", "a2 3000", "a3 5000", "a4 5000"},
			marks(r.got, start-outOfOrderness))
		assert.Equal(t, start+5_000-outOfOrderness, r.mark, "the least of the partitions'")
		assert.Equal(t, shortPause, c.ResumeDelay(), "there is no more")
		assert.EqualValues(t, 6, progress.Records.Load()-before)
		r.next(time.Hour)
		assert.Len(t, r.got, 6)
		assert.Equal(t, start+5_000-outOfOrderness, r.mark, "the source confirmed nothing")
	})
}

func TestRecordsAheadOfTheClock(t *testing.T) {
	f := newFake("a")
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now() + 3_600_000, now() - 9_000}
		r.bundle()
		assert.Equal(t, []string{"a0 0", "a1 0"}, marks(r.got, now()-outOfOrderness))
		assert.Equal(t, now()-outOfOrderness, r.mark)
	})
}

func TestAPartitionThatGaveNothingHoldsTheWatermark(t *testing.T) {
	f := newFake("a", "b")
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now()}
		r.bundle()
		assert.Zero(t, r.mark)
	})
}

func TestABundleCountsBySecondsAsBooked(t *testing.T) {
	f := newFake("a")
	inBubble(t, f, func(t *testing.T, r *reader) {
		s := now() - 60_000
		// The fourth is later than the watermark, s+8999, allows.
		f.parts["a"].times = []int64{s, s + 999, s + 10_999, s + 100, s + 10_000}
		r.bundle()
		assert.Equal(t, map[int64]int64{s: 2, s + 10_000: 2, s + 8_000: 1}, r.counts)
		r.next(time.Second)
		assert.Equal(t, map[int64]int64{s: 2, s + 10_000: 2, s + 8_000: 1}, r.counts,
			"a bundle without records counts none")
		f.parts["a"].times = append(f.parts["a"].times, s+10_500)
		r.next(time.Second)
		assert.Equal(t, map[int64]int64{s: 2, s + 10_000: 3, s + 8_000: 1}, r.counts)
	})
}

func TestIdlenessMovesTheWatermark(t *testing.T) {
	f := newFake("a", "b")
	inBubble(t, f, func(t *testing.T, r *reader) {
		silent, takes := "ab", time.Duration(0)
		f.onRead = func(partition string) {
			time.Sleep(takes)
			f.parts[partition].end = time.Time{}
			if strings.Contains(silent, partition) {
				f.parts[partition].end = time.Now()
			}
		}
		start := now()
		f.parts["a"].times = []int64{start - 60_000}
		r.bundle()
		assert.Zero(t, r.mark-(start-60_000-outOfOrderness), "partition a was not at its end before")
		r.next(time.Second)
		mark := now() - outOfOrderness
		assert.Equal(t, mark, r.mark)
		silent = "a"
		r.next(time.Second)
		assert.Equal(t, mark, r.mark, "b is not known to be idle any more")
		silent = "ab"
		r.next(0)
		assert.Equal(t, now()-outOfOrderness, r.mark)
		takes = 50 * time.Millisecond
		r.next(time.Second)
		assert.Equal(t, now()-100-outOfOrderness, r.mark, "a partition may have come since they were listed")
	})
}

func TestReadersWithoutPartitionsFollowTheClock(t *testing.T) {
	inBubble(t, newFake(), func(t *testing.T, r *reader) {
		r.bundle()
		assert.Equal(t, now()-outOfOrderness, r.mark)
		r.next(time.Minute)
		assert.Equal(t, now()-outOfOrderness, r.mark)
	})
}

func TestABundleTakesSoLong(t *testing.T) {
	f := newFake("a")
	f.batch = 1
	f.onRead = func(string) { time.Sleep(10 * time.Millisecond) }
	inBubble(t, f, func(t *testing.T, r *reader) {
		for i := range int64(70) {
			f.parts["a"].times = append(f.parts["a"].times, now()-9_000+i)
		}
		c := r.bundle()
		assert.Len(t, r.got, int(bundleTime/(10*time.Millisecond)))
		assert.Zero(t, c.ResumeDelay(), "there is more")
		assert.Equal(t, shortPause, r.bundle().ResumeDelay())
		assert.Len(t, r.got, 70)
	})
}

func TestProgressIsReported(t *testing.T) {
	f := newFake("a", "b")
	f.starts["b"] = "1"
	inBubble(t, f, func(t *testing.T, r *reader) {
		start := now() - 60_000
		f.parts["a"].times, f.parts["b"].times = []int64{start}, []int64{start, start + 1}
		r.bundle()
		want := []Progress{{"a", "1", start - outOfOrderness}, {"b", "2", start + 1 - outOfOrderness}}
		assert.Equal(t, want, r.reports)
		r.next(reportInterval - bundleTime - 1)
		assert.Equal(t, want, r.reports)
		r.next(1)
		assert.Equal(t, append(want, want...), r.reports)
	})
}

func TestEachReaderReportsItsProgress(t *testing.T) {
	f := newFake("a", "b", "c", "d")
	inBubble(t, f, func(t *testing.T, r *reader) {
		r.fn.Readers = 2
		parts := map[string]bool{}
		for index := range 2 {
			r.rest, r.mark = r.fn.CreateInitialRestriction(index), 0
			r.bundle()
		}
		for _, p := range r.reports {
			parts[p.Partition] = true
		}
		assert.Len(t, parts, 4, "of one DoFn")
		assert.Len(t, r.reports, 4)
	})
}
