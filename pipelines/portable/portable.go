// Package portable gives graphs to runners in Beam's portable model, which each of them
// takes in its own way.
package portable

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/resource"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
)

// Environment is how a runner starts workers, in Beam's words, and what they need.
type Environment struct {
	URN, Config string
	Hints       resource.Hints
}

// Model returns a graph for workers of an environment.
func Model(ctx context.Context, p *beam.Pipeline, e Environment) (*pipepb.Pipeline, error) {
	edges, _, err := p.Build()
	if err != nil {
		return nil, err
	}
	return Marshal(ctx, edges, e)
}

// Marshal is Model of a graph that is built.
func Marshal(ctx context.Context, edges []*graph.MultiEdge, e Environment) (*pipepb.Pipeline, error) {
	environment, err := graphx.CreateEnvironment(ctx, e.URN, func(context.Context) string { return e.Config })
	if err != nil {
		return nil, err
	}
	return graphx.Marshal(edges, &graphx.Options{Environment: environment, PipelineResourceHints: e.Hints})
}

// Stage gives a job server a graph and the program of its workers, and returns what
// runnerlib.Submit wants: the id of what was prepared, and the token of what was staged.
func Stage(
	ctx context.Context, server jobpb.JobServiceClient, model *pipepb.Pipeline, worker string,
	options *runnerlib.JobOptions,
) (prepared, token string, err error) {
	if err := runnerlib.UpdateGoEnvironmentWorker(worker, model); err != nil {
		return "", "", err
	}
	prepared, artifacts, token, err := runnerlib.Prepare(ctx, server, model, options)
	if err != nil {
		return "", "", err
	}
	token, err = runnerlib.Stage(ctx, prepared, artifacts, worker, token)
	return prepared, token, err
}
