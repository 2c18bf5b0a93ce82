package unbounded

import (
	"context"
	"fmt"
	"testing"
	"time"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	fnpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/fnexecution_v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"
)

// worker runs bundles of an acknowledgedFn under hooks, as a harness does.
type worker struct {
	t    *testing.T
	ctx  context.Context
	fn   *acknowledgedFn
	rest Restriction
	got  []string
}

func newWorker(t *testing.T, f *fake) *worker {
	fakes.Store(t.Name(), f)
	t.Cleanup(Close)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "worker_id", t.Name())
	return &worker{t: t, ctx: ctx, rest: Restriction{Readers: 1},
		fn: &acknowledgedFn{readFn{URI: "fake:" + t.Name(), Readers: 1}}}
}

// bundle runs a bundle, and wants it to have the runner finalize it.
func (w *worker) bundle(id string) {
	w.t.Helper()
	req := &fnpb.InstructionRequest{InstructionId: id,
		Request: &fnpb.InstructionRequest_ProcessBundle{ProcessBundle: &fnpb.ProcessBundleRequest{}}}
	ctx, err := onRequest(w.ctx, req)
	require.NoError(w.t, err)
	rt := w.fn.CreateTracker(w.rest)
	w.fn.StartBundle(ctx, nil, nil, nil)
	_, err = w.fn.ProcessElement(ctx, w.fn.CreateWatermarkEstimator(0), nil, rt, 0,
		func(batch []record.Record) { w.got = append(w.got, payloads(batch)...) }, nil, func(Progress) {})
	require.NoError(w.t, err)
	if _, residual, err := rt.TrySplit(0); residual != nil {
		require.NoError(w.t, err)
		w.rest = residual.(Restriction)
	}
	done := &fnpb.ProcessBundleResponse{}
	require.NoError(w.t, onResponse(ctx, req,
		&fnpb.InstructionResponse{Response: &fnpb.InstructionResponse_ProcessBundle{ProcessBundle: done}}))
	assert.True(w.t, done.RequiresFinalization)
}

// finalize finalizes a bundle, and tells whether the runner hears that it is.
func (w *worker) finalize(id string) bool {
	w.t.Helper()
	req := &fnpb.InstructionRequest{InstructionId: "f",
		Request: &fnpb.InstructionRequest_FinalizeBundle{
			FinalizeBundle: &fnpb.FinalizeBundleRequest{InstructionId: id}}}
	ctx, err := onRequest(w.ctx, req)
	require.NoError(w.t, err)
	resp := &fnpb.InstructionResponse{Error: "couldn't find plan"} // as the harness answers
	require.NoError(w.t, onResponse(ctx, req, resp))
	return resp.Error == "" && resp.GetFinalizeBundle() != nil
}

// What a bundle has read is held when one is finalized that began after that was.
func TestHeldIsOneFinalizationBehind(t *testing.T) {
	f := newFake("a")
	f.batch = 1
	w := newWorker(t, f)
	more := func() { f.parts["a"].times = append(f.parts["a"].times, 1) }
	held := func() string { position, _ := f.lastHeld("a"); return position }

	more()
	w.bundle("1")
	more()
	w.bundle("2")
	assert.True(t, w.finalize("1"))
	assert.Empty(t, held(), "nothing was finalized before")
	assert.True(t, w.finalize("2"))
	assert.Empty(t, held(), "it began before")
	more()
	w.bundle("3")
	assert.Empty(t, held())
	assert.True(t, w.finalize("3"))
	assert.Equal(t, "2", held())
	assert.False(t, w.finalize("3"), "once")
	assert.False(t, w.finalize("none"))
	w.bundle("4")
	more()
	w.bundle("5")
	assert.True(t, w.finalize("5"), "that of 4 is lost")
	assert.Equal(t, "3", held())
	assert.Equal(t, "3", held())
	Ended()
	assert.Equal(t, "4", held(), "when the job has ended, all that is finalized is held")
	assert.Equal(t, []string{"a0", "a1", "a2", "a3"}, w.got)
}

// A job that fails or is cancelled holds no more than it did.
func TestClosingHoldsNothing(t *testing.T) {
	f := newFake("a")
	f.parts["a"].times = []int64{1}
	w := newWorker(t, f)
	w.bundle("1")
	assert.True(t, w.finalize("1"))
	Close()
	_, times := f.lastHeld("a")
	assert.Zero(t, times)
}

// A runner that drains a job ends its readers with a bundle that reads nothing.
func TestTheEndOfADrainedReaderHoldsWhatWasBefore(t *testing.T) {
	f := newFake("a")
	f.parts["a"].times = []int64{1, 1}
	w := newWorker(t, f)
	w.bundle("1")
	assert.True(t, w.finalize("1"))
	w.rest = w.fn.TruncateRestriction(w.fn.CreateTracker(w.rest), 0)
	w.bundle("2")
	assert.True(t, w.finalize("2"))
	position, _ := f.lastHeld("a")
	assert.Equal(t, "2", position)
	Ended()
	position, _ = f.lastHeld("a")
	assert.Equal(t, "2", position)
}

// Where another process has read, there is nothing to hold.
func TestTheEndOfADrainedReaderOfAnotherProcess(t *testing.T) {
	f := newFake("a")
	w := newWorker(t, f)
	rt := w.fn.CreateTracker(Restriction{})
	_, err := w.fn.ProcessElement(w.ctx, &watermark{}, nil, rt, 0, nil, nil, func(Progress) {})
	require.NoError(t, err)
	assert.True(t, rt.IsDone())
	assert.Zero(t, f.connected)
}

func TestWorkersOfAProcessCountAlike(t *testing.T) {
	f := newFake("a")
	w := newWorker(t, f)
	w.bundle("1")
	other := *w
	other.ctx = metadata.AppendToOutgoingContext(t.Context(), "worker_id", "other")
	assert.False(t, other.finalize("1"))
	assert.True(t, w.finalize("1"))
}

func TestAReaderWithoutHooksFails(t *testing.T) {
	w := newWorker(t, newFake("a"))
	w.fn.StartBundle(w.ctx, nil, nil, nil)
	_, err := w.fn.ProcessElement(w.ctx, &watermark{}, nil, w.fn.CreateTracker(w.rest), 0, nil, nil, func(Progress) {})
	assert.ErrorContains(t, err, "does not hear of finalized bundles")
}

func TestBundlesThatAreNeverFinalizedAreForgotten(t *testing.T) {
	first := &bundleEnd{}
	await("forgotten", first)
	for i := range maxAwaiting {
		await(fmt.Sprint("forgotten ", i), &bundleEnd{})
	}
	assert.Nil(t, finalized("forgotten"))
	assert.NotNil(t, finalized("forgotten 0"))
	for i := range 3 * maxAwaiting {
		await(fmt.Sprint("soon ", i), &bundleEnd{})
		finalized(fmt.Sprint("soon ", i))
	}
	assert.LessOrEqual(t, len(awaiting.order), 2*maxAwaiting)
	for i := range maxAwaiting {
		finalized(fmt.Sprint("forgotten ", i))
	}
	assert.Empty(t, awaiting.bundles)
}

// Prism finalizes every bundle, and what is held follows what is read to its end.
func TestReadAcknowledgedOnPrism(t *testing.T) {
	f := newFake("x")
	grow(f, 20)
	f.batch = 1
	fakes.Store(t.Name(), f)
	p, s := beam.NewPipelineWithRoot()
	records := Read(s, fakeSubscription{fakeSource{t.Name()}},
		Config{OutOfOrderness: 100 * time.Millisecond, Readers: 3}).Records
	collected.records = map[string]int{}
	beam.ParDo0(s, &collectFn{}, records)
	runUntil(t, p, func() bool { position, _ := f.lastHeld("x"); return position == "20" }, "not all is held")
	_, times := f.lastHeld("x")
	assert.Greater(t, times, 2, "not only the first bundles are finalized")
	assert.Len(t, collected.records, 20)
}
