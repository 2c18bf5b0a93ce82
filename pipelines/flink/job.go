package flink

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"sync/atomic"
	"time"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

// Job is the job that this process submits.
type Job struct {
	endpoint  string
	name      string
	options   map[string]any
	id        atomic.Value // string: the job server's, once it is accepted
	cancelled atomic.Bool
}

// Prepare has the next job that this process submits carry options. Beam's Go
// SDK (2.77) sends few of a runner's options, but has its connections made by a
// variable.
func Prepare(endpoint string, o Options) *Job {
	job := &Job{endpoint: endpoint, options: o.pipeline()}
	grpcx.Dial = func(ctx context.Context, endpoint string, timeout time.Duration) (*grpc.ClientConn, error) {
		return dial(ctx, endpoint, timeout, grpc.WithUnaryInterceptor(job.intercept))
	}
	return job
}

// intercept adds the options where a job is prepared, and notes its id.
func (j *Job) intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if prepare, ok := req.(*jobpb.PrepareJobRequest); ok {
		j.name = prepare.JobName
		j.options["job_name"] = j.name // otherwise the job server makes one up
		for name, value := range j.options {
			v, err := structpb.NewValue(value)
			if err != nil {
				return fmt.Errorf("option %s of the job: %w", name, err)
			}
			prepare.PipelineOptions.Fields["beam:option:"+name+":v1"] = v
		}
	}
	if _, starts := req.(*jobpb.RunJobRequest); starts && j.Cancelled() {
		return errCancelled
	}
	err := invoke(ctx, method, req, reply, cc, opts...)
	if run, ok := reply.(*jobpb.RunJobResponse); ok && err == nil {
		j.id.Store(run.JobId)
		if j.Cancelled() { // meanwhile
			return j.Cancel(ctx)
		}
	}
	return err
}

// errCancelled refuses what would start a job that was told to end.
var errCancelled = errors.New("the job was cancelled before it was accepted")

// Cancel ends the job, or has it never begin. The job server alone forgets a job
// (Beam 2.62) and leaves it to Flink, which would start it again and again without
// its workers; so on a cluster of ours Flink is told, too.
func (j *Job) Cancel(ctx context.Context) error {
	j.cancelled.Store(true)
	id, ok := j.id.Load().(string)
	if !ok {
		return nil
	}
	cc, err := dial(ctx, j.endpoint, answer)
	if err != nil {
		return err
	}
	defer cc.Close()
	if _, err := jobpb.NewJobServiceClient(cc).Cancel(ctx, &jobpb.CancelJobRequest{JobId: id}); err != nil {
		return fmt.Errorf("cancelling job %s: %w", id, err)
	}
	cluster, here, err := Find(j.endpoint)
	if err != nil || !here {
		return err
	}
	return cluster.cancel(ctx, j.name)
}

// Cancelled tells whether the job was told to end: its books are then not closed.
func (j *Job) Cancelled() bool { return j.cancelled.Load() }

// answer is how long a job server may take to answer.
const answer = 5 * time.Second

// Check tells whether a job server answers at an endpoint, host:port.
func Check(ctx context.Context, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	cc, err := dial(ctx, endpoint, answer)
	if err == nil {
		defer cc.Close()
		_, err = jobpb.NewJobServiceClient(cc).GetJobs(ctx, &jobpb.GetJobsRequest{})
	}
	if err != nil {
		return refuse("endpoint", endpoint, fmt.Sprintf("no Beam job server answers there (%v); start a cluster with one: go run ./launch/flink up", err))
	}
	return nil
}

// Elsewhere tells whether an endpoint, host:port, is known to be on another
// machine.
func Elsewhere(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return false
	}
	there, err := net.LookupIP(host)
	if err != nil {
		return false // Check tells
	}
	here, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(there, func(ip net.IP) bool {
		return ip.IsLoopback() || ip.IsUnspecified() || slices.ContainsFunc(here, func(a net.Addr) bool {
			own, ok := a.(*net.IPNet)
			return ok && own.IP.Equal(ip)
		})
	})
}

// dial connects to a job server, as Beam does.
func dial(ctx context.Context, endpoint string, timeout time.Duration, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	options := append(more, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithBlock(), grpc.WithReturnConnectionError(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)))
	cc, err := grpc.DialContext(ctx, endpoint, options...)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", endpoint, err)
	}
	return cc, nil
}

// Failure returns why a job failed that the job server has accepted under a
// name, "" while it has not.
func Failure(ctx context.Context, endpoint, name string) string {
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	cc, err := dial(ctx, endpoint, answer)
	if err != nil {
		return ""
	}
	defer cc.Close()
	client := jobpb.NewJobServiceClient(cc)
	jobs, err := client.GetJobs(ctx, &jobpb.GetJobsRequest{})
	if err != nil {
		return ""
	}
	for _, j := range jobs.JobInfo {
		if j.JobName != name || j.State != jobpb.JobState_FAILED {
			continue
		}
		messages, err := client.GetMessageStream(ctx, &jobpb.JobMessagesRequest{JobId: j.JobId})
		if err != nil {
			return err.Error()
		}
		var last string
		for {
			m, err := messages.Recv()
			if err != nil {
				return last
			}
			if text := m.GetMessageResponse(); text.GetImportance() >= jobpb.JobMessage_JOB_MESSAGE_ERROR {
				last = text.GetMessageText()
			}
		}
	}
	return ""
}
