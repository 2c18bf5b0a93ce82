package unbounded

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

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
	fn   *readFn
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
	return &reader{t: t, fake: f, counts: map[int64]int64{}, rest: Restriction{Readers: 1},
		fn: &readFn{URI: "fake:" + name, OutOfOrdernessMillis: outOfOrderness, Readers: 1}}
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
	c, err := r.fn.ProcessElement(r.t.Context(), w, r.tracker, 0, r.emit, r.count, r.report)
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

func payloads(records []record.Record) (all []string) {
	for _, r := range records {
		all = append(all, string(r.Payload))
	}
	return all
}
