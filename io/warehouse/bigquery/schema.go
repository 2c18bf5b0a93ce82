package bigquery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

// Create implements warehouse.Warehouse. The dataset is made where its location is given.
func (b Warehouse) Create(ctx context.Context, tables []table.Table, views func(table.Dialect) []table.View) error {
	c, err := b.connect(ctx)
	if err != nil {
		return err
	}
	dataset := c.rest.Dataset(b.Dataset)
	if err := b.createDataset(ctx, dataset); err != nil {
		return err
	}
	if err := b.createTable(ctx, dataset.Table(originTable),
		&bigquery.TableMetadata{Schema: originColumns}); err != nil {
		return err
	}
	for _, t := range tables {
		if err := b.createTable(ctx, dataset.Table(t.Name), metadata(t)); err != nil {
			return err
		}
	}
	for _, v := range views(b.Dialect()) {
		if err := b.createView(ctx, dataset.Table(v.Name), v.Query); err != nil {
			return err
		}
	}
	return nil
}

func (b Warehouse) createDataset(ctx context.Context, dataset *bigquery.Dataset) error {
	return b.retry(ctx, "making the dataset", func(ctx context.Context) error {
		is, err := dataset.Metadata(ctx)
		if err == nil && b.Location != "" && !strings.EqualFold(is.Location, b.Location) {
			return fmt.Errorf("it is in %s, not in %s; leave location out, or name another dataset", is.Location,
				b.Location)
		}
		if !isCode(err, http.StatusNotFound) || strings.Contains(err.Error(), "Not found: Project") {
			return err
		}
		if b.Location == "" {
			return fmt.Errorf("there is no such dataset; give its location, as in bigquery://%s/%s?location=EU, "+
				"to have it made there: %w", b.Project, b.Dataset, err)
		}
		return created(dataset.Create(ctx, &bigquery.DatasetMetadata{Location: b.Location}))
	})
}

// createTable makes a table, or adds the columns that it lacks.
func (b Warehouse) createTable(ctx context.Context, t *bigquery.Table, want *bigquery.TableMetadata) error {
	return b.retry(ctx, "making table "+t.TableID, func(ctx context.Context) error {
		is, err := t.Metadata(ctx)
		if isCode(err, http.StatusNotFound) {
			return created(t.Create(ctx, want))
		}
		if err != nil {
			return err
		}
		if is.Type != bigquery.RegularTable {
			return fmt.Errorf("%s is a %s; give a dataset without it", t.TableID, strings.ToLower(string(is.Type)))
		}
		schema, err := extend(t.TableID, is.Schema, want.Schema)
		if err != nil || len(schema) == len(is.Schema) {
			return err
		}
		_, err = t.Update(ctx, bigquery.TableMetadataToUpdate{Schema: schema}, is.ETag)
		return err // if another run was faster (412), it is looked at again
	})
}

// extend returns a table's schema with the columns that it lacks, or why they can't be
// had.
func extend(name string, is, want bigquery.Schema) (bigquery.Schema, error) {
	field := func(of bigquery.Schema, name string) *bigquery.FieldSchema {
		i := slices.IndexFunc(of, func(f *bigquery.FieldSchema) bool { return strings.EqualFold(f.Name, name) })
		if i < 0 {
			return nil
		}
		return of[i]
	}
	for _, has := range is {
		if f := field(want, has.Name); has.Required && (f == nil || !f.Required) {
			return nil, fmt.Errorf("column %s of table %s must not be empty, and the engine has rows without it; "+
				"have it take nulls (ALTER TABLE … ALTER COLUMN … DROP NOT NULL), or want "+
				"another dataset", has.Name, name)
		}
	}
	schema := is
	for _, f := range want {
		switch has := field(is, f.Name); {
		case has == nil:
			schema = append(schema, &bigquery.FieldSchema{Name: f.Name, Type: f.Type}) // a new one can't be required
		case has.Type != f.Type || has.Repeated:
			return nil, fmt.Errorf("column %s of table %s is %s, not %s; give another dataset, or that table renamed",
				f.Name, name, has.Type, f.Type)
		}
	}
	return schema, nil
}

// createView makes a view, or puts another query in its place.
func (b Warehouse) createView(ctx context.Context, t *bigquery.Table, query string) error {
	current := false
	err := b.retry(ctx, "looking at view "+t.TableID, func(ctx context.Context) error {
		is, err := t.Metadata(ctx)
		switch {
		case isCode(err, http.StatusNotFound):
			return nil
		case err == nil && is.Type != bigquery.ViewTable:
			return fmt.Errorf("%s is a %s; give a dataset without it", t.TableID, strings.ToLower(string(is.Type)))
		case err == nil:
			current = is.ViewQuery == query
		}
		return err
	})
	if err != nil || current {
		return err
	}
	return b.execute(ctx, "making view "+t.TableID, "CREATE OR REPLACE VIEW "+b.name(t.TableID)+" AS "+query)
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
func metadata(t table.Table) *bigquery.TableMetadata {
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
		schema = append(schema, &bigquery.FieldSchema{Name: c.Name, Type: Types[c.Kind], Required: c.Key})
	}
	return schema
}

// Types are the columns' types.
var Types = map[table.Kind]bigquery.FieldType{
	table.Integer: bigquery.IntegerFieldType, table.Text: bigquery.StringFieldType,
	table.Float: bigquery.FloatFieldType, table.Boolean: bigquery.BooleanFieldType,
	table.Timestamp: bigquery.TimestampFieldType, table.Binary: bigquery.StringFieldType,
}
