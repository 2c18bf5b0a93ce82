package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	warehouse "adtoorder/io/warehouse/bigquery"

	"cloud.google.com/go/bigquery"
)

// bigQueryTypes are what BigQuery reads the files' columns as. It reads RFC 3339
// text in JSON as a timestamp; bytes in JSON are text, where they are not UTF-8
// a data URL.
func bigQueryTypes(format string) typeNames {
	types := typeNames{}
	for kind, name := range warehouse.Types {
		types[kind] = string(name)
	}
	if format == lake.Parquet {
		types[table.Binary] = string(bigquery.BytesFieldType)
	}
	return types
}

// external describes a table's files, and its columns without the partitions' keys.
func (b *bigQuery) external(d definition) *bigquery.ExternalDataConfig {
	var schema bigquery.Schema
	for _, c := range d.columns {
		schema = append(schema, &bigquery.FieldSchema{Name: c.name, Type: bigquery.FieldType(c.typ)})
	}
	config := &bigquery.ExternalDataConfig{
		SourceFormat: bigquery.Parquet,
		SourceURIs:   []string{d.location + "/*." + b.lake.Format},
		Schema:       schema,
		HivePartitioningOptions: &bigquery.HivePartitioningOptions{
			SourceURIPrefix: d.location,
		},
	}
	if b.lake.Format == lake.JSONL {
		config.SourceFormat = bigquery.JSON
		config.IgnoreUnknownValues = true // as in Parquet: of an engine that has added a column
	}
	return config
}

// statement makes a table, or puts another in its place. It is SQL, since a request
// that changes the description of a table there is would have to name its partitions'
// keys as columns, and one that makes a table must not. A table's description and
// labels are kept.
func (b *bigQuery) statement(d definition, there *bigquery.TableMetadata) string {
	config := b.external(d)
	var columns []string
	for _, f := range config.Schema {
		columns = append(columns, "`"+f.Name+"` "+sqlType(f.Type))
	}
	options := []string{
		"format = " + strconv.Quote(string(config.SourceFormat)),
		"uris = [" + strconv.Quote(config.SourceURIs[0]) + "]",
		"hive_partition_uri_prefix = " + strconv.Quote(config.HivePartitioningOptions.SourceURIPrefix),
	}
	if config.IgnoreUnknownValues {
		options = append(options, "ignore_unknown_values = TRUE")
	}
	if there != nil && there.Description != "" {
		options = append(options, "description = "+strconv.Quote(there.Description))
	}
	if there != nil && len(there.Labels) > 0 {
		var labels []string
		for _, name := range slices.Sorted(maps.Keys(there.Labels)) {
			labels = append(labels, fmt.Sprintf("(%q, %q)", name, there.Labels[name]))
		}
		options = append(options, "labels = ["+strings.Join(labels, ", ")+"]")
	}
	return fmt.Sprintf("CREATE OR REPLACE EXTERNAL TABLE %s (%s)\nWITH PARTITION COLUMNS (%s INT64)\nOPTIONS (%s)",
		b.sql().Name(d.name), strings.Join(columns, ", "), strings.Join(keys, " INT64, "), strings.Join(options, ", "))
}

// sqlType is what SQL calls a type.
func sqlType(t bigquery.FieldType) string {
	switch t {
	case bigquery.IntegerFieldType:
		return "INT64"
	case bigquery.FloatFieldType:
		return "FLOAT64"
	case bigquery.BooleanFieldType:
		return "BOOL"
	}
	return string(t)
}

// foreign tells what others have set of a table that would be lost; "" for nothing.
func foreign(there *bigquery.TableMetadata) string {
	is := there.ExternalDataConfig
	switch {
	case is.ConnectionID != "":
		return "connection"
	case is.HivePartitioningOptions != nil &&
		is.HivePartitioningOptions.RequirePartitionFilter, there.RequirePartitionFilter:
		return "partition filter that is required"
	case slices.ContainsFunc(there.Schema, func(f *bigquery.FieldSchema) bool { return f.PolicyTags != nil }):
		return "columns' policy tags"
	}
	return ""
}

// isOver tells whether a table reads files of a location, and no others.
func isOver(there *bigquery.TableMetadata, location string) bool {
	return there.ExternalDataConfig != nil && len(there.ExternalDataConfig.SourceURIs) == 1 &&
		strings.HasPrefix(there.ExternalDataConfig.SourceURIs[0], location+"/")
}

// sameExternal tells whether a table is as it is wanted. BigQuery tells the schema
// beside the description, and appends the partitions' keys; how it tells of these
// keys in the description depends on how the table was made.
func sameExternal(there *bigquery.TableMetadata, want *bigquery.ExternalDataConfig) bool {
	is := there.ExternalDataConfig
	schema := there.Schema
	if len(schema) == 0 {
		schema = is.Schema
	}
	wanted := want.Schema
	for _, key := range keys {
		wanted = append(wanted, &bigquery.FieldSchema{Name: key, Type: bigquery.IntegerFieldType})
	}
	return is.SourceFormat == want.SourceFormat && slices.Equal(is.SourceURIs, want.SourceURIs) &&
		!is.AutoDetect && is.IgnoreUnknownValues == want.IgnoreUnknownValues &&
		is.HivePartitioningOptions != nil && partitionsOf(is) == partitionsOf(want) &&
		slices.EqualFunc(schema, wanted, func(a, b *bigquery.FieldSchema) bool {
			return a.Name == b.Name && a.Type == b.Type && !a.Repeated && !a.Required
		})
}

// partitionsOf is where the keys begin in paths.
func partitionsOf(c *bigquery.ExternalDataConfig) string {
	prefix, _, _ := strings.Cut(c.HivePartitioningOptions.SourceURIPrefix, "{")
	return strings.TrimRight(prefix, "/")
}
