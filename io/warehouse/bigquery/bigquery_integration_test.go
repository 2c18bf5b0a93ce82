//go:build integration

package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/bigquery/bigquerytest"
	"adtoorder/io/warehouse/warehousetest"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

var datasets atomic.Int64

// dataset returns a dataset of its own.
func dataset(t *testing.T, s bigquerytest.Server) Warehouse {
	w, err := warehouse.Open(s.URI("project-1", fmt.Sprint("dataset_", datasets.Add(1))))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	hurry(t)
	answerTimeout = 2 * time.Second
	return w.(Warehouse)
}

func TestBigQueryIsAWarehouse(t *testing.T) {
	server := bigquerytest.Start(t)
	fresh := func(t *testing.T) warehouse.Warehouse { return dataset(t, server) }
	warehousetest.Run(t, fresh, func(w warehouse.Warehouse, to table.Table, rows []row) (map[int]string, error) {
		// Each append is sent twice, and the second time after a restart.
		if refused, err := write(w, to, rows); err != nil || len(refused) > 0 {
			return refused, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		return write(w, to, rows)
	})
}

func write(w warehouse.Warehouse, to table.Table, rows []row) (map[int]string, error) {
	return w.Write(ctx, to, table.Rows(rows))
}

// faulty stands before a server and answers some requests with faults. It returns
// the URI by which it is reached.
func faulty(t *testing.T, server bigquerytest.Server, requests *atomic.Int64) bigquerytest.Server {
	// The Storage Write API.
	connection, err := grpc.NewClient(server.GRPCEndpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { connection.Close() })
	client := storagepb.NewBigQueryWriteClient(connection)
	forward := func(ctx context.Context, r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
		stream, err := client.AppendRows(ctx)
		if err != nil {
			return nil, err
		}
		defer stream.CloseSend()
		if err := stream.Send(r); err != nil {
			return nil, err
		}
		return stream.Recv()
	}
	writes := (&writeServer{append: func(ctx context.Context,
		r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse, error) {
		switch requests.Add(1) % 7 {
		case 1:
			return nil, status.Error(codes.Unavailable, "over capacity")
		case 2:
			return nil, status.Error(codes.ResourceExhausted, "Exceeds 'AppendRows throughput' quota")
		case 3: // taken, and no answer
			forward(ctx, r)
			<-ctx.Done()
			return nil, ctx.Err()
		case 4:
			return nil, errClose
		case 5: // taken, and closed
			forward(ctx, r)
			return nil, errClose
		}
		return forward(ctx, r)
	}}).serve(t)
	// REST.
	target, err := url.Parse(server.Endpoint)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	rest := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch requests.Add(1) % 11 {
		case 1:
			failing(429, "rateLimitExceeded", "slow down")(w, r)
		case 2:
			failing(503, "backendError", "try later")(w, r)
		case 3: // done, and an answer that is lost
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(rest.Close)
	return bigquerytest.Server{Endpoint: rest.URL, GRPCEndpoint: writes.GRPCEndpoint}
}

func TestBigQueryIsAWarehouseThroughFaults(t *testing.T) {
	told := problems(t)
	var requests atomic.Int64
	server := faulty(t, bigquerytest.Start(t), &requests)
	warehousetest.Run(t, func(t *testing.T) warehouse.Warehouse { return dataset(t, server) },
		func(w warehouse.Warehouse, to table.Table, rows []row) (map[int]string, error) {
			return write(w, to, rows)
		})
	for _, fault := range []string{"over capacity", "throughput", "deadline exceeded", "EOF", "429", "503"} {
		require.Contains(t, told(), fault)
	}
	t.Logf("%d requests", requests.Load())
}

// A column that every row must have, and that is made while the engine runs, stands for
// what BigQuery may find wrong with a row.
func TestBigQueryRefusesRows(t *testing.T) {
	problems(t)
	w := dataset(t, bigquerytest.Start(t))
	require.NoError(t, w.Create(ctx, tables, noViews))
	err := w.execute(ctx, "making", "CREATE OR REPLACE TABLE "+w.name("rows")+" (start TIMESTAMP, name STRING, count "+
		"INT64, total INT64, mean FLOAT64, payload STRING, cut BOOL, extra STRING NOT NULL)")
	require.NoError(t, err)
	refused, err := write(w, tables[0], []row{rowOf(start0+1, "a", 1, 1), rowOf(2, "b", 1, 1)})
	require.NoError(t, err)
	require.Len(t, refused, 2, "streamed and inserted")
	require.Contains(t, refused[0], "extra")
	require.Contains(t, refused[1], "extra")
	refused, err = write(w, tables[1], []row{rowOf(1, "a", 1, 1)})
	require.NoError(t, err)
	require.Empty(t, refused)
	require.ErrorContains(t, w.Create(ctx, tables, noViews), "column extra of table rows must not be empty")
}

func TestCompact(t *testing.T) {
	w := dataset(t, bigquerytest.Start(t))
	require.NoError(t, w.Create(ctx, foldedTables(), noViews))
	const day = 86_400_000
	var all []row
	for i := range int64(300) {
		all = append(all, rowOf(table.Time(start0+i%3*day+i%5), fmt.Sprint("P", i%7), i, 300-i))
	}
	_, err := write(w, tables[0], slices.Clone(all))
	require.NoError(t, err)
	_, err = write(w, tables[0], slices.Clone(all))
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, w.SetOrigin(ctx, table.Origin{Window: time.Minute}))
	}
	want := warehousetest.Sorted(t, w, "rows", "true")
	require.Equal(t, table.Reduce(table.Columns[row](), slices.Clone(all)), want)

	var folded []string
	tell := func(f warehouse.Folded) { folded = append(folded, fmt.Sprint(f.Table, " ", f.Date, " ", f.Versions)) }
	require.NoError(t, w.Compact(ctx, foldedTables(), civil.Date{Year: 2026, Month: 11, Day: 3}, tell))
	require.Equal(t, []string{"rows 2026-11-01 165", "rows 2026-11-02 165"}, folded)
	require.Equal(t, want, warehousetest.Sorted(t, w, "rows", "true"))
	versions, err := w.rows(ctx, "counting",
		"SELECT COUNT(*), COUNT(DISTINCT r.mean), COUNTIF(r.mean = r.total / r.count) FROM "+
			""+w.name("rows")+" AS r WHERE r.start < TIMESTAMP '2026-11-03 00:00:00 UTC' AND r.count > 0", nil)
	require.NoError(t, err)
	require.EqualValues(t, 70, versions[0][0])
	require.EqualValues(t, 70, versions[0][2], "derived columns are those of the folded counters")
	origins, err := w.rows(ctx, "counting", "SELECT COUNT(*) FROM "+w.name("origin")+" AS o", nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, origins[0][0])

	folded = nil
	require.NoError(t, w.Compact(ctx, foldedTables(), civil.Date{Year: 2026, Month: 11, Day: 3}, tell))
	require.Empty(t, folded, "nothing is left to fold")
}

// foldedTables tells how the mean is derived.
func foldedTables() []table.Table {
	t := table.Of[row]("rows", "start")
	t.Derived = map[string]string{"mean": "IF(m.count > 0, m.total / NULLIF(m.count, 0), NULL)"}
	return []table.Table{t, table.Of[row]("others", "")}
}
