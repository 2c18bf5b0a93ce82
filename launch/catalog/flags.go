package main

import (
	"flag"
	"regexp"
	"slices"
	"strings"

	"adtoorder/io/endpoint"
	"adtoorder/io/lake"
	"adtoorder/io/warehouse/bigquery"
	"adtoorder/pipelines/command"
)

// raw are the flags as they were written.
type raw struct{ target, lake, lakeFormat, dataset, database, region, endpoint string }

// flagsOf are the flags that one target has and the other has not.
var flagsOf = map[string][]string{"bigquery": {"dataset"}, "glue": {"database", "region", "endpoint"}}

func declare(f *raw) *flag.FlagSet {
	flags := flag.NewFlagSet("catalog", flag.ContinueOnError)
	flags.StringVar(&f.target, "target", "", "`catalog` that gets the tables: bigquery, or glue, which is Athena's; "+
		"required")
	flags.StringVar(&f.lake, "lake", "",
		"`directory` of the lake: gs://BUCKET/PATH for bigquery, s3://BUCKET/PATH for "+
			"glue; required")
	flags.StringVar(&f.lakeFormat, "lake_format", lake.Parquet, "`format` of the lake's files: parquet or jsonl")
	flags.StringVar(&f.dataset, "dataset", "", "BigQuery's `dataset`: bigquery://PROJECT/DATASET; with ?location=EU, "+
		"where the bucket is, it is created if it is missing")
	flags.StringVar(&f.database, "database", "", "Glue's `database`; it is created if it is missing")
	flags.StringVar(&f.region, "region", "", "AWS `region` of Glue and of the bucket (default that of the environment "+
		"or the profile)")
	flags.StringVar(&f.endpoint, "endpoint", "", "`URL` of a stand-in for AWS, for tests")
	return flags
}

// databaseName is what Athena can name without quotes.
var databaseName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,127}$`)

// parse returns the catalog that the flags tell of. Its errors are
// *command.FlagErrors.
func parse(f raw, given map[string]bool) (catalog, error) {
	if f.target != "bigquery" && f.target != "glue" {
		return nil, command.Refuse("target", f.target, "must be bigquery or glue")
	}
	for target, names := range flagsOf {
		for _, name := range names {
			if given[name] && target != f.target {
				return nil, command.Refuse("target", f.target, "has no --"+name+", which is for "+target)
			}
		}
	}
	if !slices.Contains(lake.Formats(), f.lakeFormat) {
		return nil, command.Refuse("lake_format", f.lakeFormat, "must be one of "+strings.Join(lake.Formats(), ", "))
	}
	if f.target == "bigquery" {
		l, err := parseLake(f, "gs://")
		if err != nil {
			return nil, err
		}
		d, err := bigquery.Parse(f.dataset)
		if err != nil {
			scheme, _, _ := strings.Cut(f.dataset, "://")
			return nil, command.Refuse("dataset", scheme+"://…", err.Error()) // the rest may hold a password
		}
		return &bigQuery{lake: l, dataset: d}, nil
	}
	l, err := parseLake(f, "s3://")
	switch {
	case err != nil:
		return nil, err
	case !databaseName.MatchString(f.database):
		return nil, command.Refuse("database", f.database,
			"must be a name of lower-case letters, digits and _, such as ads")
	case f.endpoint != "" && !endpoint.IsURL(f.endpoint):
		return nil, command.Refuse("endpoint", "…", "must be http[s]://HOST[:PORT]")
	}
	return &glueCatalog{lake: l, database: f.database, region: f.region, endpoint: f.endpoint}, nil
}

func parseLake(f raw, scheme string) (l lake.Lake, err error) {
	dir := strings.TrimRight(f.lake, "/")
	bucket, ok := strings.CutPrefix(dir, scheme)
	if !ok || bucket == "" || strings.HasPrefix(bucket, "/") || strings.ContainsAny(dir, "*?[\\{}#$ ") {
		return l, command.Refuse("lake", f.lake, "must be "+scheme+"BUCKET/PATH, where "+
			""+f.target+` can read the files; without any of *?[\{}#$ and spaces`)
	}
	return lake.Lake{Dir: dir, Format: f.lakeFormat}, nil
}
