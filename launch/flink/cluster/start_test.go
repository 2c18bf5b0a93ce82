package cluster

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"adtoorder/pipelines/flink"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// idle is a job server without jobs.
type idle struct {
	jobpb.UnimplementedJobServiceServer
}

func (idle) GetJobs(context.Context, *jobpb.GetJobsRequest) (*jobpb.GetJobsResponse, error) {
	return &jobpb.GetJobsResponse{}, nil
}

// starting returns the start of a cluster with one TaskManager, whose java is a
// script, and whose JobManager has heard of it when told.
func starting(t *testing.T, java string) (s *start, heard *atomic.Int64) {
	t.Helper()
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "java"), []byte("#!/bin/sh\n"+java+"\n"), 0o755))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	heard = new(atomic.Int64)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"taskmanagers":[{"id":"taskmanager-1","slotsNumber":2,"timeSinceLastHeartbeat":%d}]}`, heard.Load())
	}))
	t.Cleanup(page.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	jobpb.RegisterJobServiceServer(server, idle{})
	go server.Serve(l)
	t.Cleanup(server.Stop)
	c := flink.Cluster{Endpoint: l.Addr().String(), Web: page.URL, Dir: t.TempDir(), TaskManagers: 1, Slots: 2}
	t.Cleanup(func() {
		for _, name := range []string{jobManager, "taskmanager-1"} {
			Process{c.Dir, name}.stop()
		}
	})
	return &start{cluster: c, programs: map[string][]string{jobManager: {"x"}, "taskmanager-1": {"x"}},
		say: func(string) {}}, heard
}

// A TaskManager that is being killed is alive for a moment still, and the
// JobManager believes in its slots for longer: the cluster is whole only when
// another has taken its place.
func TestACompleteClusterIsOneThatIsAlive(t *testing.T) {
	s, heard := starting(t, "sleep 60; true")
	dying := Process{s.cluster.Dir, "taskmanager-1"}
	require.NoError(t, dying.java("x"))
	heard.Store(time.Now().UnixMilli())
	time.Sleep(5 * time.Millisecond)
	whole := make(chan error, 1)
	go func() { whole <- s.run(t.Context()) }()
	pid, alive := dying.PID()
	require.True(t, alive)
	select {
	case err := <-whole:
		t.Fatal("its slots were counted, unheard of since: ", err)
	case <-time.After(600 * time.Millisecond):
	}
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool { now, alive := dying.PID(); return alive && now != pid }, 5*time.Second,
		20*time.Millisecond)
	heard.Store(time.Now().Add(time.Second).UnixMilli())
	select {
	case err := <-whole:
		require.NoError(t, err)
	case <-time.After(5 * time.Second):
		t.Fatal("it is whole")
	}
}

// What was started here and ended at once would do so again.
func TestAProcessThatEndsAtItsStartIsAnError(t *testing.T) {
	s, _ := starting(t, "echo 'Exception: no memory'")
	err := s.run(t.Context())
	assert.ErrorContains(t, err, "has ended: Exception: no memory")
}
