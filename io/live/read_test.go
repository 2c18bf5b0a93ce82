package live

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outOfOrderness of the tests, in milliseconds.
const outOfOrderness = 2_000

// reader runs a readFn bundle by bundle, as a runner does.
type reader struct {
	t    *testing.T
	fn   *readFn[fakeSource]
	fake *fake
	rest Restriction
	mark int64 // the watermark that the runner knows

	tracker *sdf.LockRTracker // of the bundle
	got     []record.Record
	counts  map[int64]int64 // by Time
	reports []Progress
}

// inBubble runs a test on a clock of its own, which begins in 2000 and moves when
// all sleep.
func inBubble(t *testing.T, f *fake, test func(t *testing.T, r *reader)) {
	fakes.Store(t.Name(), f)
	t.Cleanup(Close)
	synctest.Test(t, func(t *testing.T) { test(t, newReader(t, f, t.Name())) })
}

func newReader(t *testing.T, f *fake, name string) *reader {
	return &reader{t: t, fake: f, counts: map[int64]int64{}, rest: Restriction{Of: 1},
		fn: &readFn[fakeSource]{Source: fakeSource{name}, OutOfOrdernessMillis: outOfOrderness, Readers: 1}}
}

func (r *reader) emit(batch []record.Record) {
	require.NotEmpty(r.t, batch)
	r.got = append(r.got, batch...)
}

func (r *reader) count(at beam.EventTime, c record.Count) {
	assert.EqualValues(r.t, c.Time, at.Milliseconds())
	r.counts[c.Time] += c.Records
}

func (r *reader) report(p Progress) { r.reports = append(r.reports, p) }

// bundle runs one bundle and checkpoints. Nothing that is still to be read may be
// late by then.
func (r *reader) bundle() sdf.ProcessContinuation {
	r.t.Helper()
	w := r.fn.CreateWatermarkEstimator(r.mark)
	r.tracker = r.fn.CreateTracker(r.rest)
	r.fn.StartBundle(r.t.Context(), nil, nil, nil)
	c, err := r.fn.ProcessElement(r.t.Context(), w, r.tracker, nil, r.emit, r.count, r.report)
	require.NoError(r.t, err)
	r.fn.FinishBundle(r.t.Context(), nil, r.count, nil)
	if !r.tracker.IsDone() {
		require.True(r.t, c.ShouldResume())
		_, residual, err := r.tracker.TrySplit(0)
		require.NoError(r.t, err)
		r.rest = residual.(Restriction)
	}
	assert.GreaterOrEqual(r.t, w.CurrentWatermark().UnixMilli(), r.mark, "the watermark went back")
	r.mark = r.fn.WatermarkEstimatorState(w)
	r.check()
	return c
}

// check checks that nothing that is still to be read is late.
func (r *reader) check() {
	r.t.Helper()
	read := map[string]bool{}
	for _, one := range r.got {
		require.False(r.t, read[string(one.Payload)], "%s came twice", one.Payload)
		read[string(one.Payload)] = true
	}
	for name, part := range r.fake.parts {
		for i, at := range part.times {
			if !read[fmt.Sprint(name, i)] {
				require.GreaterOrEqual(r.t, at, r.mark, "record %d of partition %s is late", i, name)
			}
		}
	}
	assert.LessOrEqual(r.t, r.mark, max(0, now()-outOfOrderness), "the watermark runs ahead of the clock")
}

// next runs a bundle after so long, which lists partitions if it is long enough.
func (r *reader) next(after time.Duration) sdf.ProcessContinuation {
	r.t.Helper()
	time.Sleep(after)
	return r.bundle()
}

// now is the bubble's clock, in milliseconds since the Unix epoch.
func now() int64 { return time.Now().UnixMilli() }

// marks returns the records' watermarks, as milliseconds after a time.
func marks(records []record.Record, after int64) (all []string) {
	for _, r := range records {
		all = append(all, fmt.Sprintf("%s %d", r.Payload, r.Watermark-after))
	}
	return all
}

func TestBatchesHaveTheirWatermarks(t *testing.T) {
	f := newFake("a", "b")
	f.batch = 2
	inBubble(t, f, func(t *testing.T, r *reader) {
		start := now() - 60_000
		f.parts["a"].times = []int64{start, start + 3_000, start + 1_000, start + 5_000, start + 5_000}
		f.parts["b"].times = []int64{start + 9_000}
		before := progress.Records.Load()
		c := r.bundle()
		assert.Equal(t, []string{"a0 0", "a1 3000", "b0 9000", "a2 3000", "a3 5000", "a4 5000"}, marks(r.got, start-outOfOrderness))
		assert.Equal(t, start+5_000-outOfOrderness, r.mark, "the least of the partitions'")
		assert.Equal(t, pause, c.ResumeDelay(), "there is no more")
		assert.EqualValues(t, 6, progress.Records.Load()-before)
		r.next(time.Hour)
		assert.Len(t, r.got, 6)
		assert.Equal(t, start+5_000-outOfOrderness, r.mark, "the source confirmed nothing")
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
		assert.Equal(t, map[int64]int64{s: 2, s + 10_000: 2, s + 8_000: 1}, r.counts, "a bundle without records counts none")
		f.parts["a"].times = append(f.parts["a"].times, s+10_500)
		r.next(time.Second)
		assert.Equal(t, map[int64]int64{s: 2, s + 10_000: 3, s + 8_000: 1}, r.counts)
	})
}

func TestIdlenessMovesTheWatermark(t *testing.T) {
	f := newFake("a", "b")
	inBubble(t, f, func(t *testing.T, r *reader) {
		start := now()
		f.parts["a"].times = []int64{start - 60_000}
		f.parts["a"].end, f.parts["b"].end = time.Now(), time.Now()
		r.bundle()
		assert.Zero(t, r.mark-(start-60_000-outOfOrderness), "partition a was not at its end before")
		r.next(time.Second)
		assert.Equal(t, start-outOfOrderness, r.mark)
		f.parts["a"].end = time.Now().Add(time.Second)
		r.next(time.Second)
		assert.Equal(t, start-outOfOrderness, r.mark, "b is not known to be idle any more")
		f.parts["b"].end = time.Now()
		r.next(0)
		assert.Equal(t, now()-outOfOrderness, r.mark)
		f.parts["a"].end, f.parts["b"].end = time.Now().Add(100*time.Millisecond), time.Now().Add(100*time.Millisecond)
		r.next(100 * time.Millisecond)
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

func TestFailuresAreTriedAgain(t *testing.T) {
	for _, failing := range []string{"list", "start b", "read b"} {
		f := newFake("a", "b")
		t.Run(failing, func(t *testing.T) {
			inBubble(t, f, func(t *testing.T, r *reader) { tryAgain(t, r, failing) })
		})
	}
}

func tryAgain(t *testing.T, r *reader, failing string) {
	var problems []string
	progress.OnProblem(func(text string) { problems = append(problems, text) })
	defer progress.OnProblem(func(string) {})
	start := now() - 60_000
	if failing == "start b" { // which is asked at first only
		r.fake.failing = failing
	} else {
		r.fake.parts["a"].times, r.fake.parts["b"].times = []int64{start}, []int64{start}
		r.bundle()
		assert.Equal(t, start-outOfOrderness, r.mark)
		r.fake.failing = failing
	}
	r.fake.parts["b"].times = []int64{start, start + 1_000}
	rest, mark, got := r.rest, r.mark, len(r.got)
	for i, wait := range []float64{0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30} {
		c := r.next(time.Minute)
		require.True(t, c.ShouldResume())
		assert.Equal(t, wait, c.ResumeDelay().Seconds())
		require.Len(t, problems, i+1)
		assert.Contains(t, problems[i], fmt.Sprintf("reading %v, trying again in %v: ", r.fn.Source, c.ResumeDelay()))
		assert.Contains(t, problems[i], "it does not "+failing)
		assert.Equal(t, rest.Parts, r.rest.Parts)
		assert.Equal(t, mark, r.mark)
		assert.Len(t, r.got, got)
	}
	r.fake.failing = ""
	assert.Equal(t, pause, r.next(0).ResumeDelay())
	assert.Len(t, problems, 12)
	assert.Equal(t, "b1", string(r.got[len(r.got)-1].Payload))
	r.fake.failing = "list"
	assert.Equal(t, 500*time.Millisecond, r.next(time.Minute).ResumeDelay(), "it worked in between")
}

// What is read before a failure is emitted, and not read again.
func TestAFailingPartitionLeavesOthersRead(t *testing.T) {
	f := newFake("a", "b")
	f.failing = "read b"
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now() - 60_000}
		f.parts["b"].times = []int64{now() - 60_000}
		r.bundle()
		r.next(time.Second)
		assert.Equal(t, []string{"a0"}, payloads(r.got))
		assert.Zero(t, r.mark)
		f.failing = ""
		r.next(time.Second)
		assert.Equal(t, []string{"a0", "b0"}, payloads(r.got))
	})
}

func payloads(records []record.Record) (all []string) {
	for _, r := range records {
		all = append(all, string(r.Payload))
	}
	return all
}

func TestAFailedClaimEmitsNothing(t *testing.T) {
	f := newFake("a", "b")
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times, f.parts["b"].times = []int64{now() - 9_000}, []int64{now() - 9_000}
		f.onRead = func(partition string) {
			if partition == "b" && f.onRead != nil { // the runner takes the rest away while b is read
				_, residual, err := r.tracker.TrySplit(0)
				require.NoError(t, err)
				r.rest, f.onRead = residual.(Restriction), nil
			}
		}
		r.bundle()
		assert.Equal(t, []string{"a0"}, payloads(r.got))
		assert.Zero(t, r.mark)
		assert.Equal(t, map[int64]int64{(now() - 9_000) / 1000 * 1000: 1}, r.counts)
		r.bundle()
		assert.Equal(t, []string{"a0", "b0"}, payloads(r.got))
		assert.Equal(t, now()-9_000-outOfOrderness, r.mark)
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
		assert.Len(t, r.got, int(bundle/(10*time.Millisecond)))
		assert.Zero(t, c.ResumeDelay(), "there is more")
		assert.Equal(t, pause, r.bundle().ResumeDelay())
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
		r.next(reportEvery - 1)
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
		for _, rest := range r.fn.SplitRestriction(nil, r.fn.CreateInitialRestriction(nil)) {
			r.rest, r.mark = rest, 0
			r.bundle()
		}
		for _, p := range r.reports {
			parts[p.Partition] = true
		}
		assert.Len(t, parts, 4, "of one DoFn")
		assert.Len(t, r.reports, 4)
	})
}

func TestDrainStops(t *testing.T) {
	defer Undrain()
	f := newFake("a", "b")
	f.batch = 1
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now() - 9_000, now() - 9_000}
		f.parts["b"].times = []int64{now() - 9_000}
		f.onRead = func(string) { Drain() }
		assert.True(t, r.bundle().ShouldResume())
		assert.Equal(t, []string{"a0", "b0"}, payloads(r.got), "what it was at")
		assert.False(t, r.bundle().ShouldResume())
		assert.True(t, r.tracker.IsDone())
		assert.Len(t, r.got, 2)
		Undrain()
		f.onRead = nil
		r.bundle()
		assert.Equal(t, []string{"a0", "b0", "a1"}, payloads(r.got))
	})
}

// A runner that drains a job truncates the restrictions.
func TestATruncatedReaderStops(t *testing.T) {
	f := newFake("a")
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now()}
		r.rest = r.fn.TruncateRestriction(r.fn.CreateTracker(r.rest), nil)
		assert.False(t, r.bundle().ShouldResume())
		assert.True(t, r.tracker.IsDone())
		assert.Empty(t, f.calls)
	})
}

func TestRestrictionsOfReaders(t *testing.T) {
	fn := &readFn[fakeSource]{Readers: 3}
	all := fn.SplitRestriction(nil, fn.CreateInitialRestriction(nil))
	assert.Equal(t, []Restriction{{Index: 0, Of: 3}, {Index: 1, Of: 3}, {Index: 2, Of: 3}}, all)
	assert.Positive(t, fn.RestrictionSize(nil, all[1]))
	assert.Zero(t, fn.InitialWatermarkEstimatorState(0, all[0], nil))
}

func TestClientsAreSharedByInstances(t *testing.T) {
	f := newFake("a")
	inBubble(t, f, func(t *testing.T, r *reader) {
		r.bundle()
		other := newReader(t, f, t.Name())
		other.bundle()
		assert.Equal(t, 1, f.connected)
		second := newReader(t, f, t.Name())
		second.rest = Restriction{Index: 1, Of: 2}
		second.bundle()
		assert.Equal(t, 2, f.connected, "another reader")
		Close()
		assert.Equal(t, 2, f.closed)
		r.bundle()
		assert.Equal(t, 3, f.connected)
	})
}

func TestASourceThatCantBeOpenedFails(t *testing.T) {
	fn := &readFn[fakeSource]{Source: fakeSource{"nowhere"}}
	_, err := fn.ProcessElement(t.Context(), &watermark{}, fn.CreateTracker(Restriction{Of: 1}), nil, nil, nil, nil)
	assert.ErrorContains(t, err, "no such fake")
}
