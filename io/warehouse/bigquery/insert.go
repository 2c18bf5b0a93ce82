package bigquery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"time"

	"adtoorder/io/retry"
	"adtoorder/io/table"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// insertedRows is how many rows one statement inserts: it may have 10,000 parameters.
const insertedRows = 500

// last is the last instant of BigQuery's TIMESTAMP, less what is below a millisecond.
var last = table.Time(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC).UnixMilli())

// beyond says why BigQuery can't hold a row, given as a pointer; "" if it can.
func beyond(columns []table.Column, row any) string {
	for _, c := range columns {
		if at, ok := c.Value(row).(table.Time); ok && at > last {
			return fmt.Sprintf("%s is %v; BigQuery's TIMESTAMP ends with the year 9999", c.Name, at)
		}
	}
	return ""
}

// streamable reports whether the Storage Write API takes a row: into a table that is
// partitioned by a time, those of the last 10 years and the next one (BigQuery's
// documentation, "Streaming to partitioned tables"), here but for a day at both ends.
// Rows of the ledger that belong to no window are of 1970.
func streamable(columns []table.Column, partitioned string, row any, now time.Time) bool {
	for _, c := range columns {
		if at, ok := c.Value(row).(table.Time); ok && c.Name == partitioned {
			t := time.UnixMilli(int64(at))
			return t.After(now.AddDate(-10, 0, 1)) && t.Before(now.AddDate(1, 0, -1))
		}
	}
	return true
}

// insert adds rows, given as pointers, by a statement. If BigQuery refuses it, halves
// of the rows are tried, down to those that are to blame.
func (b Warehouse) insert(
	ctx context.Context, name string, columns []table.Column, rows []any,
) (refused map[int]string, err error) {
	one := "(?" + strings.Repeat(", ?", len(columns)-1) + ")"
	statement := fmt.Sprintf("INSERT INTO %s (`%s`) VALUES %s%s", b.name(name),
		strings.Join(table.Names(columns), "`, `"),
		one, strings.Repeat(", "+one, len(rows)-1))
	var values []any
	for _, row := range rows {
		for _, c := range columns {
			values = append(values, parameter(c.Value(row)))
		}
	}
	err = b.execute(ctx, "inserting into "+name, statement, values...)
	var answer *googleapi.Error
	switch {
	case !errors.As(err, &answer) || answer.Code != http.StatusBadRequest:
		return nil, err
	case len(rows) == 1:
		return map[int]string{0: retry.OneLine(answer)}, nil
	}
	half := len(rows) / 2
	refused, err = b.insert(ctx, name, columns, rows[:half])
	if err != nil {
		return refused, err
	}
	more, err := b.insert(ctx, name, columns, rows[half:])
	refused = maps.Clone(refused)
	for i, reason := range more {
		if refused == nil {
			refused = map[int]string{}
		}
		refused[half+i] = reason
	}
	return refused, err
}

// parameter is a column's value as that of a query's parameter.
func parameter(value any) any {
	switch v := value.(type) {
	case table.Bytes:
		return bytesText(v)
	case *float64:
		if v == nil {
			return bigquery.NullFloat64{}
		}
		return *v
	}
	if v := reflect.ValueOf(value); v.CanInt() && v.Type() != reflect.TypeFor[table.Time]() {
		return v.Int()
	}
	return value
}
