package bigquery

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/googleapis/gax-go/v2"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// writeServer serves the Storage Write API: append answers requests.
type writeServer struct {
	storagepb.UnimplementedBigQueryWriteServer
	append func(context.Context, *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error)
	stop   func() // once it serves
	leave  func() // likewise, after what it has to answer
	asked  func() // when a stream is asked for; nil for nothing
}

// errClose has the server close the stream without an answer.
var errClose = io.EOF

// GetWriteStream implements storagepb.BigQueryWriteServer.
func (s *writeServer) GetWriteStream(_ context.Context, r *storagepb.GetWriteStreamRequest) (*storagepb.WriteStream,
	error) {
	if s.asked != nil {
		s.asked()
	}
	return &storagepb.WriteStream{Name: r.Name}, nil
}

// AppendRows implements storagepb.BigQueryWriteServer.
func (s *writeServer) AppendRows(stream storagepb.BigQueryWrite_AppendRowsServer) error {
	var first *storagepb.AppendRowsRequest
	for {
		request, err := stream.Recv()
		if err != nil {
			return err
		}
		if first == nil {
			first = request
		}
		request.WriteStream = first.WriteStream // clients name it once
		request.GetProtoRows().WriterSchema = first.GetProtoRows().GetWriterSchema()
		answer, err := s.append(stream.Context(), request)
		if err == errClose {
			return nil
		}
		if err == nil {
			err = stream.Send(answer)
		}
		if err != nil {
			return err
		}
	}
}

// serve serves until the test's end, and returns a warehouse that writes there.
// Waiting is short.
func (s *writeServer) serve(t *testing.T) Warehouse {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	storagepb.RegisterBigQueryWriteServer(server, s)
	go server.Serve(l)
	s.stop, s.leave = server.Stop, server.GracefulStop
	t.Cleanup(server.Stop)
	b := Warehouse{Project: "project-1", Dataset: "d", Endpoint: "http://127.0.0.1:1", GRPCEndpoint: l.Addr().String()}
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	hurry(t)
	return b
}

// hurry shortens waiting for a test.
func hurry(t *testing.T) {
	pauses, patient, answers, opening := backoff, retryTimeout, answerTimeout, openTimeout
	t.Cleanup(func() { backoff, retryTimeout, answerTimeout, openTimeout = pauses, patient, answers, opening })
	backoff = gax.Backoff{Initial: 20 * time.Millisecond, Max: 100 * time.Millisecond, Multiplier: 2}
	retryTimeout, answerTimeout, openTimeout = 20*time.Second, time.Second, 500*time.Millisecond
}

// stored are the requests' rows, as they came.
type stored struct {
	lock sync.Mutex
	rows []string
}

func (s *stored) take(r *storagepb.AppendRowsRequest) *storagepb.AppendRowsResponse {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, row := range r.GetProtoRows().GetRows().GetSerializedRows() {
		s.rows = append(s.rows, string(row))
	}
	return &storagepb.AppendRowsResponse{Response: &storagepb.AppendRowsResponse_AppendResult_{
		AppendResult: &storagepb.AppendRowsResponse_AppendResult{}}}
}

// holds tells how many rows have a text in them.
func (s *stored) holds(text string) (n int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, row := range s.rows {
		if strings.Contains(row, text) {
			n++
		}
	}
	return n
}
