package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/storage"
	"adtoorder/pipelines/command"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"
)

// glueCatalog registers the lake's datasets as tables for Athena.
type glueCatalog struct {
	lake             lake.Lake
	database         string
	region, endpoint string // "" for those of the environment
	api              *glue.Client
}

// now tells which year it is.
var now = time.Now

// plan implements catalog.
func (g *glueCatalog) plan(ctx context.Context) ([]step, error) {
	files, err := g.open(ctx)
	if err != nil {
		return nil, err
	}
	years, err := g.look(ctx, files)
	if err != nil {
		return nil, err
	}
	definitions, err := define(g.lake, glueTypes(g.lake.Format))
	if err != nil {
		return nil, err
	}
	steps, err := g.planDatabase(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range definitions {
		s, err := g.planTable(ctx, d.name, tableInput(d, g.lake.Format, years))
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// open opens the clients. They keep the SDK's own HTTP client: with another one,
// the configuration fails where AWS_CA_BUNDLE is set.
func (g *glueCatalog) open(ctx context.Context) (*storage.Storage, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(g.region),
		config.WithLogger(logging.Nop{})) // its errors say enough
	if err != nil {
		return nil, fmt.Errorf("configuring the AWS client: %s", firstLine(err.Error()))
	}
	if loaded.Region == "" {
		return nil, command.Refuse("region", "", "no region is found; give --region, or set AWS_REGION")
	}
	if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("no AWS credentials are found (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a "+
			"profile, a role): %s", firstLine(err.Error()))
	}
	if g.endpoint != "" {
		loaded.BaseEndpoint = &g.endpoint
	}
	g.api = glue.NewFromConfig(loaded)
	return storage.WithS3(s3.NewFromConfig(loaded, func(o *s3.Options) { o.UsePathStyle = g.endpoint != "" })), nil
}

// look finds out which years the lake has, and whether its format is as told.
func (g *glueCatalog) look(ctx context.Context, files *storage.Storage) ([]string, error) {
	origin, err := g.lake.OriginIn(ctx, files)
	if err != nil {
		return nil, explainAWS("looking into "+g.lake.Dir, s3Actions, err)
	}
	if err := agree(g.lake, origin); err != nil {
		return nil, err
	}
	years, err := years(ctx, files, g.lake, now())
	if err == nil && len(years) == 0 {
		return nil, command.Refuse("lake", g.lake.Dir,
			"has no files yet, so that its years are not known; run the engine "+
				"with this --lake first")
	}
	return years, explainAWS("looking into "+g.lake.Dir, s3Actions, err)
}

// planDatabase has the database created where it is missing.
func (g *glueCatalog) planDatabase(ctx context.Context) ([]step, error) {
	_, err := g.api.GetDatabase(ctx, &glue.GetDatabaseInput{Name: &g.database})
	var missing *types.EntityNotFoundException
	if !errors.As(err, &missing) {
		return nil, g.explain(err)
	}
	return []step{{g.database, created, func(ctx context.Context) error {
		database := &types.DatabaseInput{Name: &g.database}
		_, err := g.api.CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: database})
		return g.explain(err)
	}}}, nil
}

// planTable creates a table, or has it follow what is wanted.
func (g *glueCatalog) planTable(ctx context.Context, name string, want *types.TableInput) (step, error) {
	found, err := g.api.GetTable(ctx, &glue.GetTableInput{DatabaseName: &g.database, Name: &name})
	var missing *types.EntityNotFoundException
	if errors.As(err, &missing) {
		return step{name, created, func(ctx context.Context) error {
			_, err := g.api.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: &g.database, TableInput: want})
			return g.explain(err)
		}}, nil
	}
	if err != nil {
		return step{}, g.explain(err)
	}
	location := aws.ToString(want.StorageDescriptor.Location)
	switch there := found.Table; {
	case aws.ToString(there.TableType) != externalTable || there.StorageDescriptor == nil ||
		strings.TrimSuffix(aws.ToString(there.StorageDescriptor.Location), "/") != strings.TrimSuffix(location, "/"):
		return step{}, command.Refuse("database", g.database,
			fmt.Sprintf("has a table %s that is no external table over "+
				"%s; it is left alone: rename or drop it, or name another database", name, location))
	case sameTable(there, want):
		return step{name, unchanged, nil}, nil
	default:
		return step{name, updated, func(ctx context.Context) error {
			_, err := g.api.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: &g.database,
				VersionId:  there.VersionId,
				TableInput: withForeign(want, there)})
			return g.explain(err)
		}}, nil
	}
}

func (g *glueCatalog) explain(err error) error {
	return explainAWS("Glue's database "+g.database, glueActions, err)
}

// report implements catalog. It makes a comment of it, so that all that is
// printed is SQL.
func (g *glueCatalog) report(s step) string { return "-- " + s.name + ": " + s.change }

// queries implements catalog: statements for Athena, which Glue has no views of
// that could be written without it.
func (g *glueCatalog) queries() string {
	text := "\n-- The views. Athena takes one statement at a time, in this order.\n"
	sql := athenaDialect{g.database, g.lake.Format}
	for _, v := range views(sql) {
		text += fmt.Sprintf("\nCREATE OR REPLACE VIEW %s AS\n%s;\n", sql.Name(v.Name), v.Query)
	}
	return text
}
