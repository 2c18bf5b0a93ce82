package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"adtoorder/io/lake"
	"adtoorder/io/table"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

const externalTable = "EXTERNAL_TABLE"

// glueTypes are what Athena reads the files' columns as. In JSON it can read
// times written as the lake's are only as text: from_iso8601_timestamp parses it.
// Bytes in JSON are text, too, where they are not UTF-8 a data URL.
func glueTypes(format string) typeNames {
	types := typeNames{table.Text: "string", table.Integer: "bigint", table.Float: "double", table.Boolean: "boolean",
		table.Timestamp: "timestamp", table.Binary: "binary"}
	if format == lake.JSONL {
		types[table.Timestamp], types[table.Binary] = "string", "string"
	}
	return types
}

// tableInput describes a table to Glue. Athena works its partitions out from
// these parameters: so new hours are there without a crawler. Years are an
// enumeration, since in a query that does not filter by them Athena asks S3 for
// each of the 8,928 hours of every year.
func tableInput(d definition, format string, years []string) *types.TableInput {
	parameters := map[string]string{
		"EXTERNAL":                  "TRUE",
		"classification":            "parquet",
		"projection.enabled":        "true",
		"projection.year.type":      "enum",
		"projection.year.values":    strings.Join(years, ","),
		"storage.location.template": d.location + "/year=${year}/month=${month}/day=${day}/hour=${hour}/",
	}
	for key, values := range map[string]string{"month": "1,12", "day": "1,31", "hour": "0,23"} {
		parameters["projection."+key+".type"] = "integer"
		parameters["projection."+key+".range"] = values
		parameters["projection."+key+".digits"] = "2"
	}
	storage := &types.StorageDescriptor{
		Location:     aws.String(d.location + "/"),
		InputFormat:  aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
		OutputFormat: aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
		SerdeInfo: &types.SerDeInfo{
			SerializationLibrary: aws.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")},
	}
	if format == lake.JSONL {
		parameters["classification"] = "json"
		storage.InputFormat = aws.String("org.apache.hadoop.mapred.TextInputFormat")
		storage.OutputFormat = aws.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat")
		storage.SerdeInfo.SerializationLibrary = aws.String("org.openx.data.jsonserde.JsonSerDe")
	}
	for _, c := range d.columns {
		storage.Columns = append(storage.Columns, types.Column{Name: aws.String(c.name), Type: aws.String(c.typ)})
	}
	input := &types.TableInput{Name: aws.String(d.name), TableType: aws.String(externalTable), Parameters: parameters,
		StorageDescriptor: storage}
	for _, key := range keys { // text, as enumerations have to be, with two digits as in the paths
		input.PartitionKeys = append(input.PartitionKeys, types.Column{Name: aws.String(key),
			Type: aws.String("string")})
	}
	return input
}

// sameTable tells whether a table is as it is wanted. It may have parameters that
// others have set.
func sameTable(there *types.Table, want *types.TableInput) bool {
	is, wanted := there.StorageDescriptor, want.StorageDescriptor
	for name, value := range want.Parameters {
		if there.Parameters[name] != value {
			return false
		}
	}
	return sameColumns(is.Columns, wanted.Columns) && sameColumns(there.PartitionKeys, want.PartitionKeys) &&
		reflect.DeepEqual(is.InputFormat, wanted.InputFormat) &&
		reflect.DeepEqual(is.OutputFormat, wanted.OutputFormat) &&
		is.SerdeInfo != nil && reflect.DeepEqual(is.SerdeInfo.SerializationLibrary,
		wanted.SerdeInfo.SerializationLibrary)
}

func sameColumns(is, want []types.Column) bool {
	return slices.EqualFunc(is, want, func(a, b types.Column) bool {
		return aws.ToString(a.Name) == aws.ToString(b.Name) && aws.ToString(a.Type) == aws.ToString(b.Type)
	})
}

// withForeign keeps what others have set of a table: an update replaces all of it.
func withForeign(want *types.TableInput, there *types.Table) *types.TableInput {
	both := *want
	both.Description, both.Owner = there.Description, there.Owner
	both.Parameters = maps.Clone(there.Parameters)
	maps.DeleteFunc(both.Parameters, func(name, _ string) bool { return strings.HasPrefix(name, "projection.") })
	maps.Copy(both.Parameters, want.Parameters)
	return &both
}
