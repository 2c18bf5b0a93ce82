package flink

import (
	"context"
	"fmt"
	"math"
	"net"
	"slices"
	"time"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// answerLimit is how long a job server may take to answer.
const answerLimit = 5 * time.Second

// connect returns a connection to a job server, which is made at its first use.
func connect(endpoint string) (*grpc.ClientConn, error) {
	cc, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)))
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", endpoint, err)
	}
	return cc, nil
}

// Check reports, as a *engine.FlagError, that no job server answers at an
// endpoint, host:port.
func Check(ctx context.Context, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	cc, err := connect(endpoint)
	if err == nil {
		defer cc.Close()
		_, err = jobpb.NewJobServiceClient(cc).GetJobs(ctx, &jobpb.GetJobsRequest{})
	}
	if err != nil {
		return refuse("endpoint", endpoint,
			fmt.Sprintf("no Beam job server answers there (%v); start a cluster with one: go run ./launch/flink up",
				err))
	}
	return nil
}

// IsRemote reports whether an endpoint, host:port, is known to be on another
// machine.
func IsRemote(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return false
	}
	there, err := net.LookupIP(host)
	if err != nil {
		return false // Check reports it
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(there, func(ip net.IP) bool {
		return ip.IsLoopback() || ip.IsUnspecified() || slices.ContainsFunc(own, func(a net.Addr) bool {
			network, ok := a.(*net.IPNet)
			return ok && network.IP.Equal(ip)
		})
	})
}

// Failure returns why a job failed that the job server has accepted under a
// name, "" while it has not.
func Failure(ctx context.Context, endpoint, name string) string {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	cc, err := connect(endpoint)
	if err != nil {
		return ""
	}
	defer cc.Close()
	client := jobpb.NewJobServiceClient(cc)
	jobs, err := client.GetJobs(ctx, &jobpb.GetJobsRequest{})
	if err != nil {
		return ""
	}
	failed := slices.IndexFunc(jobs.JobInfo, func(j *jobpb.JobInfo) bool {
		return j.JobName == name && j.State == jobpb.JobState_FAILED
	})
	if failed < 0 {
		return ""
	}
	messages, err := client.GetMessageStream(ctx, &jobpb.JobMessagesRequest{JobId: jobs.JobInfo[failed].JobId})
	if err != nil {
		return err.Error()
	}
	for last := ""; ; {
		m, err := messages.Recv()
		if err != nil {
			return last
		}
		if text := m.GetMessageResponse(); text.GetImportance() >= jobpb.JobMessage_JOB_MESSAGE_ERROR {
			last = text.GetMessageText()
		}
	}
}
