package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
)

// Names returns the names of all steps of the graph, in alphabetical order. A
// runner that updates a running job to a new version gives each step the state
// of the one that had its name.
func Names(ctx context.Context, o Options) ([]string, error) {
	p, s := beam.NewPipelineWithRoot()
	Build(s, o)
	edges, _, err := p.Build()
	if err != nil {
		return nil, fmt.Errorf("building the graph: %w", err)
	}
	environment, err := graphx.CreateEnvironment(ctx, graphx.URNEnvDocker, func(context.Context) string { return "" })
	if err != nil {
		return nil, fmt.Errorf("building the graph: %w", err)
	}
	model, err := graphx.Marshal(edges, &graphx.Options{Environment: environment})
	if err != nil {
		return nil, fmt.Errorf("building the graph: %w", err)
	}
	var names []string
	for _, step := range model.Components.Transforms {
		names = append(names, step.UniqueName)
	}
	slices.Sort(names)
	return names, nil
}
