package main

import (
	"slices"
	"strings"

	"adtoorder/io/partitionio"

	"cloud.google.com/go/bigquery"
)

// bigQueryTypes are what BigQuery reads the files' columns as. It reads RFC 3339
// text in JSON as a timestamp; bytes in JSON are text, where they are not UTF-8
// a data URL.
func bigQueryTypes(format string) typeNames {
	t := typeNames{textType: string(bigquery.StringFieldType), integerType: string(bigquery.IntegerFieldType),
		floatType: string(bigquery.FloatFieldType), boolType: string(bigquery.BooleanFieldType),
		timeType: string(bigquery.TimestampFieldType), bytesType: string(bigquery.BytesFieldType)}
	if format == partitionio.JSONL {
		t[bytesType] = string(bigquery.StringFieldType)
	}
	return t
}

// external describes a table's files. The schema stands in this description,
// and not beside it: there BigQuery would leave the partitions' keys out.
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
			Mode:            bigquery.CustomHivePartitioningMode,
			SourceURIPrefix: d.location + "/{" + strings.Join(keys, ":INTEGER}/{") + ":INTEGER}",
		},
	}
	if b.lake.Format == partitionio.JSONL {
		config.SourceFormat = bigquery.JSON
		config.IgnoreUnknownValues = true // as in Parquet: of an engine that has added a column
	}
	return config
}

// isOver tells whether a table reads files of a location, and no others.
func isOver(there *bigquery.TableMetadata, location string) bool {
	return there.ExternalDataConfig != nil && len(there.ExternalDataConfig.SourceURIs) == 1 &&
		strings.HasPrefix(there.ExternalDataConfig.SourceURIs[0], location+"/")
}

// sameExternal tells whether a table is as it is wanted. BigQuery tells the schema
// beside the description, and appends the partitions' keys.
func sameExternal(there *bigquery.TableMetadata, want *bigquery.ExternalDataConfig) bool {
	is := there.ExternalDataConfig
	schema := there.Schema
	if len(schema) == 0 {
		schema = is.Schema
	}
	schema = slices.DeleteFunc(slices.Clone(schema), func(f *bigquery.FieldSchema) bool { return slices.Contains(keys, f.Name) })
	return is.SourceFormat == want.SourceFormat && slices.Equal(is.SourceURIs, want.SourceURIs) &&
		!is.AutoDetect && is.IgnoreUnknownValues == want.IgnoreUnknownValues &&
		is.HivePartitioningOptions != nil && *is.HivePartitioningOptions == *want.HivePartitioningOptions &&
		slices.EqualFunc(schema, want.Schema, func(a, b *bigquery.FieldSchema) bool {
			return a.Name == b.Name && a.Type == b.Type && !a.Repeated && !a.Required
		})
}
