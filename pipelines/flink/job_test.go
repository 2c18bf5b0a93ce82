package flink

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// jobServer speaks a job server's protocol, and notes what it is told.
type jobServer struct {
	jobpb.UnimplementedJobServiceServer
	jobpb.UnimplementedArtifactStagingServiceServer
	endpoint  string
	prepared  *jobpb.PrepareJobRequest
	ran       bool
	cancelled string
	jobs      []*jobpb.JobInfo
	messages  []*jobpb.JobMessagesResponse
}

func (s *jobServer) Prepare(_ context.Context, r *jobpb.PrepareJobRequest) (*jobpb.PrepareJobResponse, error) {
	s.prepared = r
	return &jobpb.PrepareJobResponse{ArtifactStagingEndpoint: &pipepb.ApiServiceDescriptor{Url: s.endpoint}}, nil
}

// ReverseArtifactRetrievalService asks for no artifact.
func (s *jobServer) ReverseArtifactRetrievalService(jobpb.ArtifactStagingService_ReverseArtifactRetrievalServiceServer) error {
	return nil
}

func (s *jobServer) Run(context.Context, *jobpb.RunJobRequest) (*jobpb.RunJobResponse, error) {
	s.ran = true
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
	jobpb.RegisterArtifactStagingServiceServer(server, s)
	s.endpoint = l.Addr().String()
	go server.Serve(l)
	t.Cleanup(server.Stop)
	return s.endpoint
}

// pipeline returns a graph of one step.
func pipeline() *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	beam.Impulse(s)
	return p
}

func TestOptionsReachTheJobServer(t *testing.T) {
	beam.Init()
	var s jobServer
	o, err := Parse(Defaults, true)
	require.NoError(t, err)
	job := Job{Endpoint: s.start(t), Options: o, Beam: runnerlib.JobOptions{Name: "mine", Parallelism: 2,
		Loopback: true}}

	_, err = job.Execute(t.Context(), pipeline())
	require.NoError(t, err)
	got := s.prepared.PipelineOptions.AsMap()
	assert.Equal(t, "mine", got["beam:option:job_name:v1"])
	assert.Equal(t, true, got["beam:option:streaming:v1"])
	assert.Equal(t, 200.0, got["beam:option:max_bundle_time_mills:v1"])
	assert.Equal(t, 10_000.0, got["beam:option:checkpointing_interval:v1"])
	assert.Equal(t, 2.0, got["beam:option:parallelism:v1"], "what was there stays")
	assert.True(t, s.ran)

	require.NoError(t, job.Cancel(t.Context()))
	assert.Equal(t, "job-1", s.cancelled)
}

func TestAJobThatWasToldToEndDoesNotBegin(t *testing.T) {
	beam.Init()
	var s jobServer
	job := Job{Endpoint: s.start(t), Beam: runnerlib.JobOptions{Name: "mine", Loopback: true}}
	require.NoError(t, job.Cancel(t.Context()), "nothing to cancel yet")
	_, err := job.Execute(t.Context(), pipeline())
	assert.ErrorIs(t, err, errCancelled)
	assert.False(t, s.ran)
	assert.Empty(t, s.cancelled)
}

func TestAnotherMachineIsRemote(t *testing.T) {
	addrs, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, a := range addrs {
		assert.False(t, IsRemote(net.JoinHostPort(a.(*net.IPNet).IP.String(), "8099")), a)
	}
	for endpoint, want := range map[string]bool{"localhost:8099": false, "0.0.0.0:8099": false, "nonsense": false,
		"192.0.2.1:8099": true, "[2001:db8::1]:8099": true} {
		t.Run(endpoint, func(t *testing.T) {
			assert.Equal(t, want, IsRemote(endpoint))
		})
	}
}

func TestCheckSaysHowToStartACluster(t *testing.T) {
	var s jobServer
	require.NoError(t, Check(t.Context(), s.start(t)))
	began := time.Now()
	err := Check(t.Context(), "127.0.0.1:1")
	assert.ErrorContains(t, err, "--endpoint=127.0.0.1:1: no Beam job server answers there")
	assert.ErrorContains(t, err, "go run ./launch/flink up")
	assert.Less(t, time.Since(began), answerLimit+time.Second)
}

func TestFailureIsTheLastErrorOfTheJob(t *testing.T) {
	s := jobServer{
		jobs: []*jobpb.JobInfo{{JobId: "1", JobName: "other", State: jobpb.JobState_FAILED},
			{JobId: "2", JobName: "mine", State: jobpb.JobState_RUNNING}},
		messages: []*jobpb.JobMessagesResponse{
			{Response: &jobpb.JobMessagesResponse_MessageResponse{
				MessageResponse: &jobpb.JobMessage{MessageText: "all is well",
					Importance: jobpb.JobMessage_JOB_MESSAGE_BASIC}}},
			{Response: &jobpb.JobMessagesResponse_MessageResponse{
				MessageResponse: &jobpb.JobMessage{MessageText: "no such file",
					Importance: jobpb.JobMessage_JOB_MESSAGE_ERROR}}},
		},
	}
	endpoint := s.start(t)
	assert.Empty(t, Failure(t.Context(), endpoint, "mine"), "it runs")
	s.jobs[1].State = jobpb.JobState_FAILED
	assert.Equal(t, "no such file", Failure(t.Context(), endpoint, "mine"))
	assert.Empty(t, Failure(t.Context(), "127.0.0.1:1", "mine"))
}
