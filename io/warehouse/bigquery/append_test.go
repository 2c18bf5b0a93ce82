package bigquery

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// behind is how the Storage Write API says that it does not know of a column yet.
func behind(code storagepb.StorageError_StorageErrorCode) error {
	s, err := status.New(codes.InvalidArgument,
		"Input schema has more fields than BigQuery schema, extra fields: "+
			"'cut'").WithDetails(&storagepb.StorageError{Code: code})
	if err != nil {
		panic(err)
	}
	return s.Err()
}

func TestAppendGoesThroughFaults(t *testing.T) {
	for name, fault := range map[string]struct {
		committed bool
		err       error
		told      string
	}{
		"unavailable": {false, status.Error(codes.Unavailable, "over capacity"), "over capacity"},
		"unavailable after commit": {true, status.Error(codes.Unavailable, "going away"),
			"going away"},
		"throttled":              {false, status.Error(codes.ResourceExhausted, "Exceeds quota"), "Exceeds quota"},
		"internal":               {true, status.Error(codes.Internal, "oops"), "oops"},
		"aborted":                {false, status.Error(codes.Aborted, "moved"), "moved"},
		"closed stream":          {false, errClose, "EOF"},
		"closed after commit":    {true, errClose, "EOF"},
		"no answer after commit": {true, context.DeadlineExceeded, "deadline exceeded"},
		"a table not yet known":  {false, status.Error(codes.NotFound, "no such table"), "no such table"},
		"a column not yet known": {false, behind(storagepb.StorageError_SCHEMA_MISMATCH_EXTRA_FIELDS), "extra fields"},
	} {
		t.Run(name, func(t *testing.T) {
			told := problems(t)
			var kept stored
			var requests atomic.Int64
			s := &writeServer{append: func(ctx context.Context,
				r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
				if requests.Add(1) <= 3 {
					if fault.committed {
						kept.take(r)
					}
					if fault.err == context.DeadlineExceeded {
						<-ctx.Done()
					}
					return nil, fault.err
				}
				return kept.take(r), nil
			}}
			b := s.serve(t)
			refused, err := appendRows(ctx, b, table.Table{Name: "rows"},
				[]row{rowOf(0, "first", 1, 1), rowOf(0, "second", 2, 2)})
			require.NoError(t, err)
			assert.Empty(t, refused)
			for _, name := range []string{"first", "second"} {
				assert.GreaterOrEqual(t, kept.holds(name), 1)
			}
			assert.Contains(t, told(), "BigQuery project-1.d: appending to rows failed, trying again in ")
			assert.Contains(t, told(), fault.told)
		})
	}
}

func TestAppendGivesUp(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"permission": {status.Error(codes.PermissionDenied, "no"),
			"grant the account roles/bigquery.dataEditor on the dataset"},
		"credentials": {status.Error(codes.Unauthenticated, "no"), "gcloud auth application-default login"},
		"a column":    {behind(storagepb.StorageError_INVALID_STREAM_TYPE), "extra fields: 'cut'"},
		"a mistake": {status.Error(codes.InvalidArgument, "column of another type"),
			"appending to rows: rpc error: code = InvalidArgument desc = column of another type"},
		"for long": {status.Error(codes.Unavailable, "never"), "appending to rows, tried for 500ms"},
		"quota":    {status.Error(codes.ResourceExhausted, "Exceeds quota"), "raise the quota of project project-1"},
	} {
		t.Run(name, func(t *testing.T) {
			problems(t)
			b := (&writeServer{append: func(context.Context,
				*storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
				return nil, test.err
			}}).serve(t)
			retryTimeout = 500 * time.Millisecond
			_, err := appendRows(ctx, b, table.Table{Name: "rows"}, []row{rowOf(0, "a", 1, 1)})
			assert.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// refusing answers with row errors for rows that have a text in them.
func refusing(kept *stored, text string) *writeServer {
	return &writeServer{append: func(_ context.Context, r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse,
		error) {
		var bad []*storagepb.RowError
		for i, row := range r.GetProtoRows().GetRows().GetSerializedRows() {
			if strings.Contains(string(row), text) {
				bad = append(bad, &storagepb.RowError{Index: int64(i), Message: "out of range"})
			}
		}
		if len(bad) == 0 {
			return kept.take(r), nil
		}
		failed := status.New(codes.InvalidArgument, "errors in rows").Proto()
		return &storagepb.AppendRowsResponse{RowErrors: bad,
			Response: &storagepb.AppendRowsResponse_Error{Error: failed}}, nil
	}}
}

func TestABadRowNeverFailsItsBatch(t *testing.T) {
	var kept stored
	problems(t)
	b := refusing(&kept, "bad").serve(t)
	refused, err := appendRows(ctx, b, table.Table{Name: "rows"},
		[]row{rowOf(5, "bad 1", 1, 1), rowOf(5, "good 1", 1, 1), rowOf(5, "bad 2", 1, 1), rowOf(5, "good 2", 1, 1)})
	require.NoError(t, err)
	assert.Equal(t, map[int]string{0: "out of range", 2: "out of range"}, refused)
	assert.Equal(t, 2, kept.holds("good"))
	assert.Equal(t, 0, kept.holds("bad"))
}

// Rows of 64 KiB, and many small ones, fill requests of 1 MiB.
func TestRequestsAreSmall(t *testing.T) {
	for _, test := range []struct{ rows, payload, requests int }{{40, 64 << 10, 3}, {20_000, 100, 3}} {
		var kept stored
		var largest, requests atomic.Int64
		b := (&writeServer{append: func(_ context.Context,
			r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
			largest.Store(max(largest.Load(), int64(proto.Size(r))))
			requests.Add(1)
			return kept.take(r), nil
		}}).serve(t)
		var rows []row
		for i := range test.rows {
			r := rowOf(0, fmt.Sprintf("name-%05d", i), 1, 1)
			r.Payload = make(table.Bytes, test.payload)
			rows = append(rows, r)
		}
		_, err := appendRows(ctx, b, table.Table{Name: "rows"}, rows)
		require.NoError(t, err)
		assert.Len(t, kept.rows, len(rows))
		assert.EqualValues(t, test.requests, requests.Load())
		// Protocol buffers take 2 or 3 bytes more of each row.
		assert.Less(t, largest.Load(), int64(requestBytes+10_000+3*test.rows))
	}
}

func TestRowsAreEncodedAsDescribed(t *testing.T) {
	columns := table.Columns[row]()
	described, err := describe(columns)
	require.NoError(t, err)
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{Name: proto.String("f"),
		MessageType: []*descriptorpb.DescriptorProto{described}}, nil)
	require.NoError(t, err)
	r := rowOf(-1, "é", math.MinInt64, math.MaxInt64)
	mean := 1.5
	r.Mean, r.Payload, r.Cut = &mean, table.Bytes("a\xff"), true
	for _, r := range []row{r, {}} {
		m := dynamicpb.NewMessage(file.Messages().Get(0))
		require.NoError(t, proto.Unmarshal(encode(columns, &r), m))
		assert.Empty(t, m.GetUnknown())
		get := func(name string) any {
			for i := range m.Descriptor().Fields().Len() {
				if f := m.Descriptor().Fields().Get(i); string(f.Name()) == name {
					return m.Get(f).Interface()
				}
			}
			return nil
		}
		assert.Equal(t, int64(r.Start)*1000, get("start"))
		assert.Equal(t, r.Name, get("name"))
		assert.Equal(t, r.Count, get("count"))
		assert.Equal(t, r.Total, get("total"))
		assert.Equal(t, r.Cut, get("cut"))
		if r.Mean != nil {
			assert.Equal(t, *r.Mean, get("mean"))
			assert.Equal(t, "data:;base64,Yf8=", get("payload"))
		}
	}
}
