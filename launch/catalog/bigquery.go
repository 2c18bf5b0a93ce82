package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	warehouse "adtoorder/io/warehouse/bigquery"
	"adtoorder/pipelines/command"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// bigQuery registers the lake's datasets as external tables, and the views.
type bigQuery struct {
	lake    lake.Lake
	dataset warehouse.Warehouse
	client  *bigquery.Client // once there is a plan
	tables  *bigquery.Dataset
}

// plan implements catalog.
func (b *bigQuery) plan(ctx context.Context) ([]step, error) {
	origin, err := b.lake.Origin(ctx)
	if err != nil {
		return nil, explainBucket(b.lake.Dir, err)
	}
	if err := agree(b.lake, origin); err != nil {
		return nil, err
	}
	definitions, err := define(b.lake, bigQueryTypes(b.lake.Format))
	if err != nil {
		return nil, err
	}
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	steps, err := b.planDataset(ctx)
	if err != nil {
		return nil, err
	}
	missing, err := b.withoutFiles(ctx, definitions)
	if err != nil {
		return nil, err
	}
	for _, d := range definitions {
		s := step{d.name, noFiles, nil}
		if !slices.Contains(missing, b.sql().Name(d.name)) {
			if s, err = b.planTable(ctx, d); err != nil {
				return nil, err
			}
		}
		steps = append(steps, s)
	}
	for _, v := range views(bigQueryDialect{b.sql()}) {
		v.Name = prefix + v.Name
		s := step{v.Name, noFiles, nil}
		if slices.ContainsFunc(missing, func(name string) bool { return strings.Contains(v.Query, name) }) {
			missing = append(missing, b.sql().Name(v.Name))
		} else if s, err = b.planView(ctx, v); err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// sql is the dataset's.
func (b *bigQuery) sql() table.Dialect { return b.dataset.Dialect() }

// withoutFiles returns the full names of tables whose datasets have no files yet:
// BigQuery fails queries of such a table. It refuses a lake that has none at all.
func (b *bigQuery) withoutFiles(ctx context.Context, definitions []definition) (missing []string, err error) {
	for _, d := range definitions {
		found, err := b.lake.Has(ctx, d.dataset)
		if err != nil {
			return nil, explainBucket(b.lake.Dir, err)
		}
		if !found {
			missing = append(missing, b.sql().Name(d.name))
		}
	}
	if len(missing) == len(definitions) {
		return nil, command.Refuse("lake", b.lake.Dir, "has no files yet; run the engine with this --lake first")
	}
	return missing, nil
}

// open opens the client, which stays open until the program ends.
func (b *bigQuery) open(ctx context.Context) error {
	client, err := b.dataset.Client(ctx)
	if err != nil {
		return b.explain(err)
	}
	b.client, b.tables = client, client.Dataset(b.dataset.Dataset)
	return nil
}

// planDataset has the dataset created where it is missing.
func (b *bigQuery) planDataset(ctx context.Context) ([]step, error) {
	metadata, err := b.tables.Metadata(ctx)
	want := b.dataset.Location
	switch {
	case isStatus(err, http.StatusNotFound) && want == "":
		return nil, b.refuse("is not there; add ?location= and where the bucket is, such as EU or europe-west3, to " +
			"have it created")
	case isStatus(err, http.StatusNotFound):
		return []step{{b.dataset.ID(), created, func(ctx context.Context) error {
			return b.explain(b.tables.Create(ctx, &bigquery.DatasetMetadata{Location: want}))
		}}}, nil
	case err != nil:
		return nil, b.explain(err)
	case want != "" && !strings.EqualFold(want, metadata.Location):
		return nil, b.refuse("is in %s, not in %s; leave location out, or name another dataset", metadata.Location,
			want)
	}
	return nil, nil
}

// planTable creates a table, or has it follow the definition.
func (b *bigQuery) planTable(ctx context.Context, d definition) (step, error) {
	t, want := b.tables.Table(d.name), b.external(d)
	there, err := t.Metadata(ctx)
	switch {
	case isStatus(err, http.StatusNotFound):
		return step{d.name, created, func(ctx context.Context) error { return b.run(ctx, b.statement(d, nil)) }}, nil
	case err != nil:
		return step{}, b.explain(err)
	case !isOver(there, d.location):
		return step{}, b.taken(d.name, fmt.Sprintf("no external table over %s", d.location))
	case sameExternal(there, want):
		return step{d.name, unchanged, nil}, nil
	}
	if what := foreign(there); what != "" {
		return step{}, b.refuse("has a table %s that is of an older engine; "+
			"to bring it up to date would remove its %s: do it by hand, or remove that first", d.name, what)
	}
	return step{d.name, updated, func(ctx context.Context) error { return b.run(ctx, b.statement(d, there)) }}, nil
}

func (b *bigQuery) run(ctx context.Context, statement string) error {
	_, err := b.client.Query(statement).Read(ctx)
	return b.explain(err)
}

// ours labels the views, whose location can't tell whose they are.
const ours, byUs = "created_by", "adtoorder_catalog"

// planView creates a view, or has it follow the query.
func (b *bigQuery) planView(ctx context.Context, v table.View) (step, error) {
	t := b.tables.Table(v.Name)
	there, err := t.Metadata(ctx)
	switch {
	case isStatus(err, http.StatusNotFound):
		return step{v.Name, created, func(ctx context.Context) error {
			return b.explain(t.Create(ctx, &bigquery.TableMetadata{ViewQuery: v.Query,
				Labels: map[string]string{ours: byUs}}))
		}}, nil
	case err != nil:
		return step{}, b.explain(err)
	case there.Type != bigquery.ViewTable || there.Labels[ours] != byUs:
		return step{}, b.taken(v.Name, "no view with the label "+ours+": "+byUs)
	case there.ViewQuery == v.Query:
		return step{v.Name, unchanged, nil}, nil
	}
	return step{v.Name, updated, func(ctx context.Context) error {
		_, err := t.Update(ctx, bigquery.TableMetadataToUpdate{ViewQuery: v.Query, UseLegacySQL: false}, there.ETag)
		return b.explain(err)
	}}, nil
}

func (b *bigQuery) taken(name, what string) error {
	return b.refuse("has a table %s that is %s; it is left alone: rename or drop it, or name another dataset", name,
		what)
}

// refuse says why the dataset can't be used.
func (b *bigQuery) refuse(problem string, args ...any) error {
	return command.Refuse("dataset", "bigquery://"+b.dataset.Project+"/"+b.dataset.Dataset,
		fmt.Sprintf(problem, args...))
}

// report implements catalog.
func (b *bigQuery) report(s step) string { return s.name + ": " + s.change }

// queries implements catalog: BigQuery has the views themselves.
func (b *bigQuery) queries() string { return "" }

func isStatus(err error, status int) bool {
	var answer *googleapi.Error
	return errors.As(err, &answer) && answer.Code == status
}
