package unbounded

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// during runs bundles for so long, each when the one before wants it to, and
// returns how many there were.
func (r *reader) during(long time.Duration) (bundles int) {
	r.t.Helper()
	for start := time.Now(); time.Since(start) < long; bundles++ {
		time.Sleep(r.bundle().ResumeDelay())
	}
	return bundles
}

// Each time that a reader resumes, Flink's checkpoints grow (apache/beam #27648).
func TestIdleReadersResumeSeldom(t *testing.T) {
	for name, partitions := range map[string][]string{"with partitions": {"a", "b"}, "without": nil} {
		f := newFake(partitions...)
		t.Run(name, func(t *testing.T) {
			inBubble(t, f, func(t *testing.T, r *reader) {
				start := time.Now()
				c := r.bundle()
				assert.Equal(t, idlePause, c.ResumeDelay())
				if partitions == nil {
					assert.Equal(t, start, time.Now(), "there is nothing to wait for")
				} else {
					assert.Equal(t, bundleTime, time.Since(start))
				}
				assert.LessOrEqual(t, r.during(time.Minute), 60)
			})
		})
	}
}

func TestABundleThatHasNothingLooksForMore(t *testing.T) {
	f := newFake("a", "b")
	inBubble(t, f, func(t *testing.T, r *reader) {
		start := time.Now()
		f.onRead = func(partition string) {
			if partition == "b" && time.Since(start) >= pollInterval {
				f.parts["b"].times = []int64{now()}
			}
		}
		c := r.bundle()
		assert.Equal(t, []string{"b0"}, payloads(r.got))
		assert.Equal(t, pollInterval, time.Since(start), "it ends with what came")
		assert.Equal(t, shortPause, c.ResumeDelay())
	})
}

func TestABundleThatWaitsEndsAtOnce(t *testing.T) {
	for name, stop := range map[string]func(r *reader){
		"when readers drain": func(*reader) { Drain() },
		"when the runner takes the rest": func(r *reader) {
			_, residual, err := r.tracker.TrySplit(0)
			require.NoError(r.t, err)
			r.rest = residual.(Restriction)
		},
	} {
		f := newFake("a")
		t.Run(name, func(t *testing.T) {
			inBubble(t, f, func(t *testing.T, r *reader) {
				defer Undrain()
				start := time.Now()
				time.AfterFunc(bundleTime/10, func() { stop(r) })
				c := r.bundle()
				assert.Less(t, time.Since(start), bundleTime/5)
				assert.Zero(t, c.ResumeDelay())
			})
		})
	}
}

// What is looked at seldom is not read in between.
func TestReadersResumeWhenTheSourceIsLookedAt(t *testing.T) {
	f := newFake("a", "b")
	inBubble(t, f, func(t *testing.T, r *reader) {
		due := time.Now().Add(4100 * time.Millisecond)
		f.parts["a"].due, f.parts["b"].due = due, due.Add(time.Hour)
		start := time.Now()
		assert.Equal(t, 5*time.Second, r.bundle().ResumeDelay(), "whole seconds: Flink would cut it")
		assert.Equal(t, start, time.Now())
		f.parts["a"].due = start
		assert.Equal(t, idlePause, r.bundle().ResumeDelay(), "of one partition that is not known")
		assert.Equal(t, bundleTime, time.Since(start))
		f.parts["a"].times = []int64{now()}
		assert.Equal(t, shortPause, r.bundle().ResumeDelay())
		assert.Len(t, r.got, 1)
	})
}
