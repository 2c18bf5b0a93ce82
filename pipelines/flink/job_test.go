package flink

import (
	"context"
	"net"
	"testing"
	"time"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"
)

// jobServer speaks a job server's protocol, and notes what it is told.
type jobServer struct {
	jobpb.UnimplementedJobServiceServer
	prepared  *jobpb.PrepareJobRequest
	cancelled string
	jobs      []*jobpb.JobInfo
	messages  []*jobpb.JobMessagesResponse
}

func (s *jobServer) Prepare(_ context.Context, r *jobpb.PrepareJobRequest) (*jobpb.PrepareJobResponse, error) {
	s.prepared = r
	return &jobpb.PrepareJobResponse{}, nil
}

func (s *jobServer) Run(context.Context, *jobpb.RunJobRequest) (*jobpb.RunJobResponse, error) {
	return &jobpb.RunJobResponse{JobId: "job-1"}, nil
}

func (s *jobServer) Cancel(_ context.Context, r *jobpb.CancelJobRequest) (*jobpb.CancelJobResponse, error) {
	s.cancelled = r.JobId
	return &jobpb.CancelJobResponse{}, nil
}

func (s *jobServer) GetJobs(context.Context, *jobpb.GetJobsRequest) (*jobpb.GetJobsResponse, error) {
	return &jobpb.GetJobsResponse{JobInfo: s.jobs}, nil
}

func (s *jobServer) GetMessageStream(_ *jobpb.JobMessagesRequest, out jobpb.JobService_GetMessageStreamServer) error {
	for _, m := range s.messages {
		if err := out.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func (s *jobServer) start(t *testing.T) (endpoint string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	jobpb.RegisterJobServiceServer(server, s)
	go server.Serve(l)
	t.Cleanup(server.Stop)
	return l.Addr().String()
}

func TestOptionsReachTheJobServer(t *testing.T) {
	defer func(former func(context.Context, string, time.Duration) (*grpc.ClientConn, error)) {
		grpcx.Dial = former
	}(grpcx.Dial)
	var s jobServer
	endpoint := s.start(t)
	o, err := Parse(Defaults, true)
	require.NoError(t, err)
	require.NoError(t, Prepare(endpoint, o).Cancel(t.Context()), "nothing to cancel yet")
	job := Prepare(endpoint, o)

	cc, err := grpcx.Dial(t.Context(), endpoint, time.Second)
	require.NoError(t, err)
	defer cc.Close()
	client := jobpb.NewJobServiceClient(cc)
	given, err := structpb.NewStruct(map[string]any{"beam:option:parallelism:v1": 2})
	require.NoError(t, err)
	_, err = client.Prepare(t.Context(), &jobpb.PrepareJobRequest{JobName: "mine", PipelineOptions: given})
	require.NoError(t, err)
	got := s.prepared.PipelineOptions.AsMap()
	assert.Equal(t, "mine", got["beam:option:job_name:v1"])
	assert.Equal(t, true, got["beam:option:streaming:v1"])
	assert.Equal(t, 200.0, got["beam:option:max_bundle_time_mills:v1"])
	assert.Equal(t, 10_000.0, got["beam:option:checkpointing_interval:v1"])
	assert.Equal(t, 2.0, got["beam:option:parallelism:v1"], "what was there stays")

	_, err = client.Run(t.Context(), &jobpb.RunJobRequest{})
	require.NoError(t, err)
	require.NoError(t, job.Cancel(t.Context()))
	assert.Equal(t, "job-1", s.cancelled)
	_, err = client.Run(t.Context(), &jobpb.RunJobRequest{})
	assert.ErrorIs(t, err, errCancelled, "what was told to end does not begin")
}

func TestElsewhereIsAnotherMachine(t *testing.T) {
	addrs, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, a := range addrs {
		assert.False(t, Elsewhere(net.JoinHostPort(a.(*net.IPNet).IP.String(), "8099")), a)
	}
	for endpoint, want := range map[string]bool{"localhost:8099": false, "0.0.0.0:8099": false, "nonsense": false, "192.0.2.1:8099": true, "[2001:db8::1]:8099": true} {
		assert.Equal(t, want, Elsewhere(endpoint), endpoint)
	}
}

func TestCheckSaysHowToStartACluster(t *testing.T) {
	var s jobServer
	require.NoError(t, Check(t.Context(), s.start(t)))
	began := time.Now()
	err := Check(t.Context(), "127.0.0.1:1")
	assert.ErrorContains(t, err, "--endpoint=127.0.0.1:1: no Beam job server answers there")
	assert.ErrorContains(t, err, "go run ./launch/flink up")
	assert.Less(t, time.Since(began), answer+time.Second)
}

func TestFailureIsTheLastErrorOfTheJob(t *testing.T) {
	s := jobServer{
		jobs: []*jobpb.JobInfo{{JobId: "1", JobName: "other", State: jobpb.JobState_FAILED}, {JobId: "2", JobName: "mine", State: jobpb.JobState_RUNNING}},
		messages: []*jobpb.JobMessagesResponse{
			{Response: &jobpb.JobMessagesResponse_MessageResponse{MessageResponse: &jobpb.JobMessage{MessageText: "all is well", Importance: jobpb.JobMessage_JOB_MESSAGE_BASIC}}},
			{Response: &jobpb.JobMessagesResponse_MessageResponse{MessageResponse: &jobpb.JobMessage{MessageText: "no such file", Importance: jobpb.JobMessage_JOB_MESSAGE_ERROR}}},
		},
	}
	endpoint := s.start(t)
	assert.Empty(t, Failure(t.Context(), endpoint, "mine"), "it runs")
	s.jobs[1].State = jobpb.JobState_FAILED
	assert.Equal(t, "no such file", Failure(t.Context(), endpoint, "mine"))
	assert.Empty(t, Failure(t.Context(), "127.0.0.1:1", "mine"))
}
