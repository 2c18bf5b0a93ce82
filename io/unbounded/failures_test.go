package unbounded

import (
	"fmt"
	"testing"
	"time"

	"adtoorder/io/progress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
	for i, wait := range []time.Duration{1, 2, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5} {
		wait *= time.Second
		c := r.next(time.Minute)
		require.True(t, c.ShouldResume())
		if failing == "read b" { // a goes on
			assert.Equal(t, idlePause, c.ResumeDelay())
		} else {
			assert.Equal(t, wait, c.ResumeDelay())
		}
		require.Len(t, problems, i+1)
		assert.Contains(t, problems[i], fmt.Sprintf("reading %v, trying again in %v: ", r.fn.URI, wait))
		assert.Contains(t, problems[i], "it does not "+failing)
		assert.Equal(t, rest.Partitions, r.rest.Partitions)
		assert.Equal(t, mark, r.mark)
		assert.Len(t, r.got, got)
	}
	r.fake.failing = ""
	assert.Equal(t, shortPause, r.next(5*time.Second).ResumeDelay())
	assert.Len(t, problems, 12)
	assert.Equal(t, "b1", string(r.got[len(r.got)-1].Payload))
	r.fake.failing = "list"
	assert.Equal(t, time.Second, r.next(time.Minute).ResumeDelay(), "it worked in between")
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

// What fails holds up nothing but itself and the watermark.
func TestAFailingPartitionDoesNotHoldUpOthers(t *testing.T) {
	f := newFake("a", "b")
	f.batch, f.failing = 1, "read a"
	inBubble(t, f, func(t *testing.T, r *reader) {
		start := time.Now()
		f.parts["a"].times = []int64{now() - 60_000}
		f.onRead = func(partition string) {
			time.Sleep(time.Millisecond)
			f.parts["b"].times = append(f.parts["b"].times, now()-9_000, now()-9_000) // there is always more
		}
		var tried []int64 // seconds
		for r.bundle(); time.Since(start) < 20*time.Second; r.bundle() {
			for _, call := range f.calls {
				if call == "read a@" {
					tried = append(tried, int64(time.Since(start)/time.Second))
				}
			}
			f.calls = nil
		}
		assert.Equal(t, []int64{0, 1, 3, 7, 12, 17}, tried)
		assert.Greater(t, len(r.got), 19_000)
		assert.Zero(t, r.mark)
		f.failing = ""
		time.Sleep(5 * time.Second)
		r.bundle()
		assert.Contains(t, payloads(r.got), "a0")
	})
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
