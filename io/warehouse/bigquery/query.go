package bigquery

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"
)

// Query implements warehouse.Warehouse. A table.Time is a TIMESTAMP.
func (b Warehouse) Query(
	ctx context.Context, doing, query string, args []any, each func(warehouse.Row) error,
) error {
	rows, err := b.rows(ctx, doing, query, args)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := each(values(row)); err != nil {
			return fmt.Errorf("BigQuery %s: %s: %w", b.ID(), doing, err)
		}
	}
	return nil
}

// execute runs a statement that has no result.
func (b Warehouse) execute(ctx context.Context, doing, statement string, args ...any) error {
	_, err := b.rows(ctx, doing, statement, args)
	return err
}

// rows runs a query and returns all that it finds.
func (b Warehouse) rows(ctx context.Context, doing, query string, args []any) (rows [][]bigquery.Value, err error) {
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

// values are a row's.
type values []bigquery.Value

// Scan implements warehouse.Row. A null, which older rows have in a new column, is
// zero.
func (v values) Scan(pointers ...any) error {
	if len(pointers) != len(v) {
		return fmt.Errorf("%d columns are read as %d", len(v), len(pointers))
	}
	for i, pointer := range pointers {
		if err := scan(reflect.ValueOf(pointer).Elem(), v[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// scan sets a variable to a value.
func scan(to reflect.Value, value bigquery.Value) error {
	switch {
	case value == nil:
		to.SetZero()
		if empty, ok := to.Addr().Interface().(*table.Bytes); ok {
			*empty = table.Bytes{}
		}
		return nil
	case to.Kind() == reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		return scan(to.Elem(), value)
	case reflect.TypeOf(value).AssignableTo(to.Type()):
		to.Set(reflect.ValueOf(value))
		return nil
	}
	switch v := value.(type) {
	case time.Time:
		if at, ok := to.Addr().Interface().(*table.Time); ok {
			*at = table.Time(v.UnixMilli())
			return nil
		}
	case civil.Date:
		value = v.String()
	case *big.Rat: // a sum
		value = integer(v)
	case string:
		switch into := to.Addr().Interface().(type) {
		case *table.Bytes:
			quoted, err := json.Marshal(v)
			if err != nil {
				return err
			}
			return into.UnmarshalJSON(quoted)
		case sql.Scanner:
			return into.Scan(v)
		}
	}
	is := reflect.ValueOf(value)
	if is.Kind() != to.Kind() {
		return fmt.Errorf("is %T, want %s", value, to.Type())
	}
	to.Set(is.Convert(to.Type()))
	return nil
}

// integer is that of a sum, or the largest one where the sum is beyond 64 bits.
func integer(sum *big.Rat) int64 {
	if !sum.Num().IsInt64() {
		return math.MaxInt64
	}
	return sum.Num().Int64()
}
