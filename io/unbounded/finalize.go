package unbounded

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/hooks"
	fnpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/fnexecution_v1"
	"google.golang.org/grpc/metadata"
)

// Beam Go 2.77 calls what a DoFn registers with its beam.BundleFinalization for
// the first bundle of each plan only: exec.Plan.Finalize gives the plan another
// finalizer, and the DoFn keeps the old one. And its harness changes its maps
// there without their lock. So a hook of the harness keeps what is to be done,
// asks the runner to finalize, and hears when it does.

// finalizing is the hook's name.
const finalizing = "adtoorder/io/unbounded/finalizing"

func init() {
	hooks.RegisterHook(finalizing, func([]string) hooks.Hook {
		return hooks.Hook{Req: onRequest, Resp: onResponse}
	})
}

// maxAwaiting is how many bundles may wait to be finalized. Of more, the oldest
// are forgotten: a runner may give up a bundle.
const maxAwaiting = 10_000

var awaiting = struct {
	sync.Mutex
	bundles map[string]*bundleEnd // by worker and instruction
	order   []string
}{bundles: map[string]*bundleEnd{}}

// bundleEnd is what is to be done when a bundle is finalized.
type bundleEnd struct{ then []func() }

// In a bundle's context stands its *bundleEnd, in that of its finalization
// whether there was one.
type (
	bundleEndKey struct{}
	finalizedKey struct{}
)

// onFinalized calls a function when the runner has made durable what a bundle has
// given. It is called in the harness's only thread, and must not wait.
func onFinalized(ctx context.Context, then func()) error {
	end, ok := ctx.Value(bundleEndKey{}).(*bundleEnd)
	if !ok {
		return errors.New("reading a source that is acknowledged: this worker does not hear of finalized bundles, " +
			"since its hooks are not enabled")
	}
	end.then = append(end.then, then)
	return nil
}

// instruction names one of a worker's instructions. Several workers may share
// a process, and count theirs alike.
func instruction(ctx context.Context, id string) string {
	all, _ := metadata.FromOutgoingContext(ctx)
	return strings.Join(all["worker_id"], " ") + " " + id
}

func onRequest(ctx context.Context, req *fnpb.InstructionRequest) (context.Context, error) {
	switch {
	case req.GetProcessBundle() != nil:
		return context.WithValue(ctx, bundleEndKey{}, &bundleEnd{}), nil
	case req.GetFinalizeBundle() != nil:
		end := finalized(instruction(ctx, req.GetFinalizeBundle().GetInstructionId()))
		if end == nil {
			return ctx, nil
		}
		for _, then := range end.then {
			then()
		}
		return context.WithValue(ctx, finalizedKey{}, true), nil
	}
	return ctx, nil
}

func onResponse(ctx context.Context, req *fnpb.InstructionRequest, resp *fnpb.InstructionResponse) error {
	end, _ := ctx.Value(bundleEndKey{}).(*bundleEnd)
	switch {
	case end != nil && len(end.then) > 0 && resp.GetProcessBundle() != nil:
		resp.GetProcessBundle().RequiresFinalization = true
		await(instruction(ctx, req.GetInstructionId()), end)
	case ctx.Value(finalizedKey{}) != nil: // the harness does not know of this bundle
		resp.Error = ""
		resp.Response = &fnpb.InstructionResponse_FinalizeBundle{FinalizeBundle: &fnpb.FinalizeBundleResponse{}}
	}
	return nil
}

func await(instruction string, end *bundleEnd) {
	awaiting.Lock()
	defer awaiting.Unlock()
	awaiting.bundles[instruction] = end
	awaiting.order = append(awaiting.order, instruction)
	for len(awaiting.bundles) > maxAwaiting || len(awaiting.order) > 2*maxAwaiting {
		delete(awaiting.bundles, awaiting.order[0])
		awaiting.order = awaiting.order[1:]
	}
}

func finalized(instruction string) *bundleEnd {
	awaiting.Lock()
	defer awaiting.Unlock()
	end := awaiting.bundles[instruction]
	delete(awaiting.bundles, instruction)
	return end
}
