package dataflow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"adtoorder/pipelines/engine"
	"adtoorder/pipelines/portable"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/pipelinex"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/hooks"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/protox"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/gcsx"
	api "google.golang.org/api/dataflow/v1b3"
)

// draft is a job before the service has it.
type draft struct {
	model   *pipepb.Pipeline
	options dataflowlib.JobOptions
	folder  string // gs:// folder for the worker and the model
}

// Describe returns the job that a run would submit. It submits and stages
// nothing.
func Describe(ctx context.Context, f Flags, o engine.Options) (*api.Job, error) {
	p, s := beam.NewPipelineWithRoot()
	engine.Build(s, o)
	d, err := f.draft(ctx, p)
	if err != nil {
		return nil, err
	}
	return d.job(ctx, protox.MustEncode(d.model))
}

// draft makes a job of a graph.
func (f Flags) draft(ctx context.Context, p *beam.Pipeline) (d draft, err error) {
	edges, nodes, err := p.Build()
	if err != nil {
		return d, err
	}
	d.options = f.jobOptions(!graph.Bounded(nodes))
	d.folder = gcsx.Join(f.StagingLocation, fmt.Sprintf("go-%d", time.Now().UnixNano()))
	d.model, err = portable.Marshal(ctx, edges,
		portable.Environment{URN: graphx.URNEnvDocker, Config: d.options.ContainerImage, Hints: f.Hints})
	if err != nil {
		return d, err
	}
	return d, pipelinex.ApplySdkImageOverrides(d.model, f.ImageOverrides)
}

func (d *draft) workerURL() string { return gcsx.Join(d.folder, "worker") } // as the service wants its name to end

func (d *draft) modelURL() string { return gcsx.Join(d.folder, "model") }

// stage puts the worker and the model into the folder, and returns the model as it
// is there.
func (d *draft) stage(ctx context.Context) (model []byte, err error) {
	program := d.options.Worker
	if program == "" {
		built, err := runnerlib.BuildTempWorkerBinary(ctx, runnerlib.CompileOpts{})
		if err != nil {
			return nil, err
		}
		defer os.Remove(built)
		program = built
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, fmt.Errorf("reading the worker: %w", err)
	}
	if err := dataflowlib.StageModel(ctx, d.options.Project, d.workerURL(), content); err != nil {
		return nil, err
	}
	d.options.WorkerHash = checksum(content)
	payload := &pipepb.ArtifactUrlPayload{Url: d.workerURL(), Sha256: d.options.WorkerHash}
	if err := graphx.UpdateDefaultEnvWorkerType(graphx.URNArtifactURLType, protox.MustEncode(payload),
		d.model); err != nil {
		return nil, err
	}
	model = protox.MustEncode(d.model)
	return model, dataflowlib.StageModel(ctx, d.options.Project, d.modelURL(), model)
}

// job returns what the service is to be told, for a model as it is staged.
func (d *draft) job(ctx context.Context, model []byte) (*api.Job, error) {
	return dataflowlib.Translate(ctx, d.model, &d.options, d.workerURL(), d.modelURL(), checksum(model))
}

// checksum returns a SHA-256 in hexadecimal digits.
func checksum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// jobOptions returns checked flags by Beam's names for them.
func (f Flags) jobOptions(streaming bool) dataflowlib.JobOptions {
	hooks.SerializeHooksToOptions()
	o := f.JobOptions
	o.Name, o.Streaming = f.JobName, streaming
	o.TempLocation = cmp.Or(o.TempLocation, gcsx.Join(f.StagingLocation, "tmp"))
	o.ContainerImage = cmp.Or(f.Image, o.ContainerImage, defaultImage)
	o.Options = beam.PipelineOptions.Export()
	if f.ServiceOptions != "" {
		o.DataflowServiceOptions = strings.Split(f.ServiceOptions, ",")
	}
	// Both are JSON, or were refused.
	_ = json.Unmarshal([]byte(f.Labels), &o.Labels)
	_ = json.Unmarshal([]byte(f.TransformMapping), &o.TransformNameMapping)
	wanted := portableExperiments
	if streaming {
		wanted = append(slices.Clone(portableExperiments), "enable_streaming_engine", "enable_windmill_service")
	}
	o.Experiments = slices.Clone(o.Experiments)
	for _, experiment := range wanted {
		if !slices.Contains(o.Experiments, experiment) {
			o.Experiments = append(o.Experiments, experiment)
		}
	}
	return o
}

// defaultImage is what workers run in unless told otherwise.
const defaultImage = "gcr.io/cloud-dataflow/v1beta3/beam_go_sdk:" + core.SdkVersion

// portableExperiments are those that have Dataflow run what is not written in Java.
var portableExperiments = []string{"beam_fn_api", "use_runner_v2", "use_unified_worker", "use_portable_job_submission"}
