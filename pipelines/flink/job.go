package flink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"adtoorder/pipelines/portable"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/resource"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/vet"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"
)

// Job is a job that this process submits to a job server.
type Job struct {
	Endpoint string // the job server's host:port
	Options  Options
	// Beam are Beam's own options. A Loopback job has its workers in this process;
	// for another, Worker is the program that workers run, "" for one that is built.
	Beam runnerlib.JobOptions
	// EnvironmentURN and EnvironmentConfig say, in Beam's words, how a cluster starts
	// workers that are not in this process.
	EnvironmentURN, EnvironmentConfig string
	Hints                             resource.Hints
	// Strict has Beam check the graph for what would be slow on a cluster.
	Strict bool
	// Async has a submission end when the job server has accepted the job.
	Async bool

	id        atomic.Value // string: the job server's, once it has accepted the job
	cancelled atomic.Bool
}

// errCancelled refuses to start a job that was told to end.
var errCancelled = errors.New("the job was cancelled before it was accepted")

// Execute submits a graph, as engine.Options.Execute wants it, and waits for the
// job's end unless it is Async.
func (j *Job) Execute(ctx context.Context, p *beam.Pipeline) (beam.PipelineResult, error) {
	if j.Strict {
		if _, err := vet.Execute(ctx, p); err != nil {
			return nil, fmt.Errorf("checking the graph: %w", err)
		}
	}
	urn, config := j.EnvironmentURN, j.EnvironmentConfig
	if j.Beam.Loopback {
		workers, err := extworker.StartLoopback(ctx, 0)
		if err != nil {
			return nil, fmt.Errorf("serving workers: %w", err)
		}
		defer workers.Stop(ctx)
		urn, config = graphx.URNEnvExternal, workers.EnvironmentConfig(ctx)
	}
	model, err := portable.Model(ctx, p, portable.Environment{URN: urn, Config: config, Hints: j.Hints})
	if err != nil {
		return nil, err
	}
	cc, err := connect(j.Endpoint)
	if err != nil {
		return nil, err
	}
	defer cc.Close()
	client := jobpb.NewJobServiceClient(cc)
	if err := j.submit(ctx, client, model); err != nil || j.Async {
		return nil, err
	}
	return nil, runnerlib.WaitForCompletion(ctx, client, j.id.Load().(string))
}

// submit gives the job to the job server, with the program of its workers.
func (j *Job) submit(ctx context.Context, client jobpb.JobServiceClient, model *pipepb.Pipeline) (err error) {
	worker := j.Beam.Worker
	switch {
	case j.Beam.Loopback:
		worker = os.DevNull // something must be staged
	case worker == "":
		if worker, err = runnerlib.BuildTempWorkerBinary(ctx, runnerlib.CompileOpts{}); err != nil {
			return err
		}
		defer os.Remove(worker)
	}
	prepared, token, err := portable.Stage(ctx, withOptions{client, j.Options.pipeline()}, model, worker, &j.Beam)
	if err != nil {
		return err
	}
	if j.Cancelled() {
		return errCancelled
	}
	id, err := runnerlib.Submit(ctx, client, prepared, token)
	if err != nil {
		return err
	}
	j.id.Store(id)
	if j.Cancelled() { // meanwhile
		return j.Cancel(ctx)
	}
	return nil
}

// withOptions is a job server that is given more options than Beam's Go SDK
// (2.77) has names for.
type withOptions struct {
	jobpb.JobServiceClient
	options map[string]any
}

// Prepare implements jobpb.JobServiceClient.
func (s withOptions) Prepare(ctx context.Context, r *jobpb.PrepareJobRequest,
	more ...grpc.CallOption) (*jobpb.PrepareJobResponse, error) {
	s.options["job_name"] = r.JobName // otherwise the job server makes one up
	for name, value := range s.options {
		v, err := structpb.NewValue(value)
		if err != nil {
			return nil, fmt.Errorf("option %s of the job: %w", name, err)
		}
		r.PipelineOptions.Fields["beam:option:"+name+":v1"] = v
	}
	return s.JobServiceClient.Prepare(ctx, r, more...)
}

// Cancel ends the job, or has it never begin. The job server alone forgets a job
// (Beam 2.62) and leaves it to Flink, which would start it again and again without
// its workers; so on a cluster of ours Flink is told, too.
func (j *Job) Cancel(ctx context.Context) error {
	j.cancelled.Store(true)
	id, ok := j.id.Load().(string)
	if !ok {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, answerLimit)
	defer stop()
	cc, err := connect(j.Endpoint)
	if err != nil {
		return err
	}
	defer cc.Close()
	if _, err := jobpb.NewJobServiceClient(cc).Cancel(ctx, &jobpb.CancelJobRequest{JobId: id}); err != nil {
		return fmt.Errorf("cancelling job %s: %w", id, err)
	}
	cluster, found, err := Find(j.Endpoint)
	if err != nil || !found {
		return err
	}
	if err := cluster.REST().Cancel(ctx, j.Beam.Name); err != nil {
		return fmt.Errorf("cancelling job %s: %w; cancel it on Flink's page, %s", j.Beam.Name, err, cluster.Web)
	}
	return nil
}

// Cancelled reports whether the job was told to end: its ledger need not balance
// then.
func (j *Job) Cancelled() bool { return j.cancelled.Load() }
