package live

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
