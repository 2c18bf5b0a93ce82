package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
)

// Query runs a query and returns its rows. A question mark in it stands for an
// argument; a table.Time is a TIMESTAMP.
func (b BigQuery) Query(ctx context.Context, doing, query string, args ...any) (rows [][]bigquery.Value, err error) {
	c, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	q := c.rest.Query(query)
	for _, arg := range args {
		if at, ok := arg.(table.Time); ok {
			arg = time.UnixMilli(int64(at)).UTC() // in another zone the last hours of 9999 may be in 10000
		}
		q.Parameters = append(q.Parameters, bigquery.QueryParameter{Value: arg})
	}
	err = b.retry(ctx, doing, func(ctx context.Context) error {
		rows = nil
		found, err := q.Read(ctx)
		if err != nil {
			return err
		}
		for {
			var row []bigquery.Value
			switch err := found.Next(&row); {
			case errors.Is(err, iterator.Done):
				return nil
			case err != nil:
				return err
			}
			rows = append(rows, row)
		}
	})
	return rows, err
}

// selectBigQuery reads the merged rows of a table that meet a condition.
func selectBigQuery[T any](ctx context.Context, b BigQuery, name, condition string, args ...any) (all []T, err error) {
	columns := table.Columns[T]()
	var read []string
	for _, c := range columns {
		if !c.Derived {
			read = append(read, "s."+c.Name)
		}
	}
	found, err := b.Query(ctx, "reading "+name, fmt.Sprintf("SELECT %s FROM (%s) AS s WHERE %s",
		strings.Join(read, ", "), b.merged(name, columns, nil, "TRUE"), condition), args...)
	if err != nil {
		return nil, err
	}
	for _, values := range found {
		var row T
		for _, c := range columns {
			if c.Derived {
				continue
			}
			if err := load(reflect.ValueOf(c.Pointer(&row)).Elem(), values[0]); err != nil {
				return nil, fmt.Errorf("reading column %s of %s: %w", c.Name, name, err)
			}
			values = values[1:]
		}
		if d, ok := any(&row).(table.Deriver); ok {
			d.Derive()
		}
		all = append(all, row)
	}
	return all, nil
}

// load sets a field to what BigQuery gives for it. A null, which older rows have in
// a new column, is zero.
func load(field reflect.Value, value bigquery.Value) error {
	switch v := value.(type) {
	case nil:
		if to, ok := field.Addr().Interface().(*table.Bytes); ok {
			*to = table.Bytes{}
		} else {
			field.SetZero()
		}
		return nil
	case time.Time:
		field.SetInt(v.UnixMilli())
		return nil
	case string:
		if to, ok := field.Addr().Interface().(*table.Bytes); ok {
			quoted, err := json.Marshal(v)
			if err != nil {
				return err
			}
			return to.UnmarshalJSON(quoted)
		}
	}
	is := reflect.ValueOf(value)
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	if is.Kind() != field.Kind() {
		return fmt.Errorf("is %T, want %s", value, field.Type())
	}
	field.Set(is.Convert(field.Type()))
	return nil
}
