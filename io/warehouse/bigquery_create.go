package warehouse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// originTable holds an origin a run; the newest one counts.
const originTable = "origin"

var originColumns = bigquery.Schema{
	{Name: "origin", Type: bigquery.StringFieldType, Required: true},
	{Name: "written_at", Type: bigquery.TimestampFieldType, Required: true},
}

// Create implements Warehouse. The dataset is made where its location is given.
func (b BigQuery) Create(ctx context.Context, tables []Table, views func(Dialect) []View) error {
	c, err := b.connect(ctx)
	if err != nil {
		return err
	}
	dataset := c.rest.Dataset(b.Dataset)
	if err := b.createDataset(ctx, dataset); err != nil {
		return err
	}
	if err := b.createTable(ctx, dataset.Table(originTable), &bigquery.TableMetadata{Schema: originColumns}); err != nil {
		return err
	}
	for _, t := range tables {
		if err := b.createTable(ctx, dataset.Table(t.Name), metadata(t)); err != nil {
			return err
		}
	}
	for _, v := range views(bigQueryDialect{b, tables}) {
		if err := b.createView(ctx, dataset.Table(v.Name), v.Query); err != nil {
			return err
		}
	}
	return nil
}

func (b BigQuery) createDataset(ctx context.Context, dataset *bigquery.Dataset) error {
	return b.retry(ctx, "making the dataset", func(ctx context.Context) error {
		is, err := dataset.Metadata(ctx)
		if err == nil && b.Location != "" && !strings.EqualFold(is.Location, b.Location) {
			return fmt.Errorf("it is in %s, not in %s; leave location out, or name another dataset", is.Location, b.Location)
		}
		if !isCode(err, http.StatusNotFound) || strings.Contains(err.Error(), "Not found: Project") {
			return err
		}
		if b.Location == "" {
			return fmt.Errorf("there is no such dataset; give its location, as in bigquery://%s/%s?location=EU, to have it made there: %w", b.Project, b.Dataset, err)
		}
		return created(dataset.Create(ctx, &bigquery.DatasetMetadata{Location: b.Location}))
	})
}

// createTable makes a table, or adds the columns that it lacks.
func (b BigQuery) createTable(ctx context.Context, t *bigquery.Table, want *bigquery.TableMetadata) error {
	return b.retry(ctx, "making table "+t.TableID, func(ctx context.Context) error {
		is, err := t.Metadata(ctx)
		if isCode(err, http.StatusNotFound) {
			return created(t.Create(ctx, want))
		}
		if err != nil {
			return err
		}
		if is.Type != bigquery.RegularTable {
			return fmt.Errorf("%s is a %s; want a dataset without it", t.TableID, strings.ToLower(string(is.Type)))
		}
		schema := is.Schema
		for _, has := range is.Schema {
			i := slices.IndexFunc(want.Schema, func(f *bigquery.FieldSchema) bool { return strings.EqualFold(has.Name, f.Name) })
			if has.Required && (i < 0 || !want.Schema[i].Required) {
				return fmt.Errorf("column %s of table %s must not be empty, and the engine has rows without it; have it take nulls (ALTER TABLE … ALTER COLUMN … DROP NOT NULL), or want another dataset", has.Name, t.TableID)
			}
		}
		for _, f := range want.Schema {
			i := slices.IndexFunc(is.Schema, func(has *bigquery.FieldSchema) bool { return strings.EqualFold(has.Name, f.Name) })
			switch {
			case i < 0:
				schema = append(schema, &bigquery.FieldSchema{Name: f.Name, Type: f.Type}) // a new one can't be required
			case is.Schema[i].Type != f.Type || is.Schema[i].Repeated:
				return fmt.Errorf("column %s of table %s is %s, not %s; want another dataset, or that table renamed", f.Name, t.TableID, is.Schema[i].Type, f.Type)
			}
		}
		if len(schema) == len(is.Schema) {
			return nil
		}
		_, err = t.Update(ctx, bigquery.TableMetadataToUpdate{Schema: schema}, is.ETag)
		return err // if another run was faster (412), it is looked at again
	})
}

// createView makes a view, or puts another query in its place.
func (b BigQuery) createView(ctx context.Context, t *bigquery.Table, query string) error {
	current := false
	err := b.retry(ctx, "looking at view "+t.TableID, func(ctx context.Context) error {
		is, err := t.Metadata(ctx)
		switch {
		case isCode(err, http.StatusNotFound):
			return nil
		case err == nil && is.Type != bigquery.ViewTable:
			return fmt.Errorf("%s is a %s; want a dataset without it", t.TableID, strings.ToLower(string(is.Type)))
		case err == nil:
			current = is.ViewQuery == query
		}
		return err
	})
	if err != nil || current {
		return err
	}
	_, err = b.Query(ctx, "making view "+t.TableID, "CREATE OR REPLACE VIEW "+b.Name(t.TableID)+" AS "+query)
	return err
}

// created takes what another run has made at the same time for success.
func created(err error) error {
	if isCode(err, http.StatusConflict) {
		return nil
	}
	return err
}

func isCode(err error, code int) bool {
	var failed *googleapi.Error
	return errors.As(err, &failed) && failed.Code == code
}

// metadata describes a table: a partition for each UTC date, and rows of one
// promotion side by side.
func metadata(t Table) *bigquery.TableMetadata {
	m := &bigquery.TableMetadata{Schema: schemaOf(t.Columns)}
	if t.Time != "" {
		m.TimePartitioning = &bigquery.TimePartitioning{Type: bigquery.DayPartitioningType, Field: t.Time}
	}
	if slices.ContainsFunc(t.Columns, func(c table.Column) bool { return c.Name == "promotion" }) {
		m.Clustering = &bigquery.Clustering{Fields: []string{"promotion"}}
	}
	return m
}

// schemaOf returns the columns' types. Only keys are required: so a column can be
// added later, and is the same as one that was there from the start.
func schemaOf(columns []table.Column) (schema bigquery.Schema) {
	for _, c := range columns {
		schema = append(schema, &bigquery.FieldSchema{Name: c.Name, Type: fieldType(c.Type), Required: c.Key})
	}
	return schema
}

func fieldType(t reflect.Type) bigquery.FieldType {
	switch {
	case t.Kind() == reflect.Pointer:
		return fieldType(t.Elem())
	case t == reflect.TypeFor[table.Time]():
		return bigquery.TimestampFieldType
	case t == reflect.TypeFor[table.Bytes](), t.Kind() == reflect.String:
		return bigquery.StringFieldType
	case t.Kind() == reflect.Float64:
		return bigquery.FloatFieldType
	case t.Kind() == reflect.Bool:
		return bigquery.BooleanFieldType
	default:
		return bigquery.IntegerFieldType
	}
}
