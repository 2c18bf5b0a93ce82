package engine

import (
	"context"
	"fmt"
	"os"
	"sync"

	"adtoorder/pipelines/portable"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
)

// prismServer returns the Prism of this process, which runs all of its jobs.
var prismServer = sync.OnceValues(func() (jobpb.JobServiceClient, error) {
	return prism.CreateJobServer(context.Background(), prism.Options{})
})

// submitting lets one job at a time be given to Prism: as Beam 2.77 has it, the files of
// jobs that come at the same time end the process ("concurrent map writes").
var submitting sync.Mutex

// runOnPrism runs a graph on the Prism of this process and waits for its end. Beam's own
// way, beam.Run, also leaves an empty file for each job in the directory for temporary ones.
func runOnPrism(ctx context.Context, p *beam.Pipeline) error {
	server, err := prismServer()
	if err != nil {
		return fmt.Errorf("starting Prism: %w", err)
	}
	workers, err := extworker.StartLoopback(ctx, 0)
	if err != nil {
		return fmt.Errorf("serving workers: %w", err)
	}
	defer workers.Stop(ctx)
	model, err := portable.Model(ctx, p,
		portable.Environment{URN: graphx.URNEnvExternal, Config: workers.EnvironmentConfig(ctx)})
	if err != nil {
		return err
	}
	id, err := submitToPrism(ctx, server, model)
	if err != nil {
		return err
	}
	return runnerlib.WaitForCompletion(ctx, server, id)
}

// submitToPrism returns the id of the job that Prism has made of a graph.
func submitToPrism(ctx context.Context, server jobpb.JobServiceClient, model *pipepb.Pipeline) (string, error) {
	submitting.Lock()
	defer submitting.Unlock()
	// Something must be staged, though workers are in this process.
	prepared, token, err := portable.Stage(ctx, server, model, os.DevNull,
		&runnerlib.JobOptions{Name: "conversions", Loopback: true})
	if err != nil {
		return "", err
	}
	return runnerlib.Submit(ctx, server, prepared, token)
}
