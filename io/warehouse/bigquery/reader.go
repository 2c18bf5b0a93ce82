package bigquery

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
)

// reader reads a dataset that another program writes.
type reader struct {
	Warehouse
	tables []string

	lock    sync.Mutex
	version string
	failed  error     // of asking for it
	counted time.Time // when the version was asked for
}

// Reader implements warehouse.Warehouse.
func (b Warehouse) Reader(tables []table.Table) warehouse.Reader {
	r := &reader{Warehouse: b, tables: []string{originTable}}
	for _, t := range tables {
		r.tables = append(r.tables, t.Name)
	}
	return r
}

// versionEvery is for how long a version is not asked for again: each time is a job in
// the project's history.
const versionEvery = 2 * time.Second

// Version implements warehouse.Reader by how many versions of rows there are: to count
// all of a table BigQuery reads none of it.
func (r *reader) Version(ctx context.Context) (string, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if time.Since(r.counted) < versionEvery {
		return r.version, r.failed
	}
	var counts []string
	for _, name := range r.tables {
		counts = append(counts, "(SELECT COUNT(*) FROM "+r.name(name)+")")
	}
	rows, err := r.rows(ctx, "looking for new rows", "SELECT "+strings.Join(counts, ", "), nil)
	r.version, r.failed, r.counted = fmt.Sprint(rows), r.problem(err), time.Now()
	return r.version, r.failed
}

// Read implements warehouse.Reader. Queries are answered one after the other: a row that
// comes meanwhile may be in the later ones alone, until the next version.
func (r *reader) Read(_ context.Context, do func(warehouse.Snapshot) error) error {
	return r.problem(do(r))
}

// Written implements warehouse.Snapshot: when the last run began.
func (r *reader) Written(ctx context.Context) (written time.Time, err error) {
	var at *table.Time
	err = r.Query(ctx, "reading when a run began", "SELECT MAX(o.written_at) FROM "+r.name(originTable)+" AS o", nil,
		func(found warehouse.Row) error { return found.Scan(&at) })
	if at != nil {
		written = time.UnixMilli(int64(*at)).UTC()
	}
	return written, err
}

// problem makes a Problem of an error: those of BigQuery say what to do.
func (r *reader) problem(err error) error {
	if err == nil {
		return nil
	}
	if text := err.Error(); strings.Contains(text, "Not found") {
		return &warehouse.Problem{Empty: true,
			What: fmt.Sprintf("There is no warehouse in %s yet: %s.", r.ID(), strings.TrimSuffix(text, "."))}
	}
	what, do, _ := strings.Cut(err.Error(), "; ")
	return &warehouse.Problem{What: what + ".", Do: do + "."}
}
