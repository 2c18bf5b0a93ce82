package bigquery

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The Storage Write API takes into a partitioned table what is of these years alone.
func TestRowsThatCantBeStreamedAreInserted(t *testing.T) {
	var kept stored
	b := (&writeServer{append: func(_ context.Context, r *storagepb.AppendRowsRequest) (*storagepb.AppendRowsResponse,
		error) {
		return kept.take(r), nil
	}}).serve(t)
	var lock sync.Mutex
	var inserted []string
	rest := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Query           string
			QueryParameters []struct{ ParameterValue struct{ Value string } }
		}
		const done = `{"jobComplete":true,"totalRows":"0","schema":{},"jobReference":{"projectId":"project-1","jobId":"1"}}`
		if r.Method == http.MethodGet {
			fmt.Fprint(w, done)
			return
		}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
		lock.Lock()
		defer lock.Unlock()
		assert.True(t, strings.HasPrefix(body.Query,
			"INSERT INTO `project-1.d.rows` (`start`, `name`, `count`, `total`, `mean`, `payload`, `cut`) VALUES (?, "+
				"?, ?, ?, ?, ?, ?)"), body.Query)
		var names []string
		for i := 1; i < len(body.QueryParameters); i += 7 {
			names = append(names, body.QueryParameters[i].ParameterValue.Value)
		}
		if slices.Contains(names, "bad") {
			failing(400, "invalid", "no such thing")(w, r)
			return
		}
		inserted = append(inserted, names...)
		fmt.Fprint(w, done)
	}))
	t.Cleanup(rest.Close)
	b.Endpoint = rest.URL
	t.Cleanup(func() { b.Close() })

	at := func(name string, at time.Time) row { return rowOf(table.Time(at.UnixMilli()), name, 1, 1) }
	now := time.Now()
	refused, err := appendRows(ctx, b, tables[0], []row{at("epoch", time.UnixMilli(0)), at("now", now),
		at("old", now.AddDate(-10, 0, 0)), at("of this decade", now.AddDate(-9, -11, 0)),
		at("soon", now.AddDate(0, 11, 0)), at("ahead", now.AddDate(1, 0, 0)), at("bad", time.UnixMilli(1)), at("last",
			time.UnixMilli(int64(last))), at("beyond", time.UnixMilli(int64(last)+1))})
	require.NoError(t, err)
	assert.Equal(t, map[int]string{6: "400 no such thing",
		8: "start is 10000-01-01T00:00:00Z; BigQuery's TIMESTAMP ends with the year 9999"}, refused)
	assert.ElementsMatch(t, []string{"epoch", "old", "ahead", "last"}, inserted)
	for _, name := range []string{"now", "of this decade", "soon"} {
		assert.Equal(t, 1, kept.holds(name), name)
	}
	assert.Len(t, kept.rows, 3)

	_, err = appendRows(ctx, b, table.Table{Name: "rows"}, []row{at("epoch", time.UnixMilli(0))})
	require.NoError(t, err)
	assert.Len(t, kept.rows, 4, "a table without partitions takes any time")
}
