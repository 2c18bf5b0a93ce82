package unbounded

import (
	"context"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/exec"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// truncated is a node that keeps the restrictions that it is given.
type truncated struct {
	exec.Node
	got []Restriction
}

// ProcessElement implements exec.Node.
func (n *truncated) ProcessElement(_ context.Context, e *exec.FullValue, _ ...exec.ReStream) error {
	rest := e.Elm.(*exec.FullValue).Elm2.(*exec.FullValue).Elm.(Restriction)
	n.got = append(n.got, rest)
	return nil
}

// A runner that drains a job (Dataflow) has the harness truncate what is left of
// every restriction, and process that: what comes out of the harness's own step
// ends at once, and the watermark with it. Without a TruncateRestriction that
// Beam finds it would drop the restriction.
func TestADrainedJobEndsItsReaders(t *testing.T) {
	f := newFake("a")
	inBubble(t, f, func(t *testing.T, r *reader) {
		f.parts["a"].times = []int64{now()}
		r.bundle()
		assert.Len(t, r.got, 1)

		fn, err := graph.NewDoFn(r.fn)
		require.NoError(t, err)
		require.True(t, (*graph.SplittableDoFn)(fn).HasTruncateRestriction())
		out := &truncated{}
		step := &exec.TruncateSizedRestriction{Fn: fn, Out: out}
		require.NoError(t, step.Up(t.Context()))
		left := &exec.FullValue{Elm: 0, Elm2: &exec.FullValue{Elm: r.rest, Elm2: int64(0)}}
		require.NoError(t, step.ProcessElement(t.Context(), &exec.FullValue{Elm: left, Elm2: 1.0}))
		require.Len(t, out.got, 1)

		f.parts["a"].times, f.calls = append(f.parts["a"].times, now()), nil
		r.rest = out.got[0]
		assert.False(t, r.bundle().ShouldResume())
		assert.True(t, r.tracker.IsDone())
		assert.Len(t, r.got, 1, "nothing more is read")
		assert.Empty(t, f.calls)
	})
}
