package main

import (
	"fmt"
	"slices"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/pipelines/engine"
)

// views returns the engine's views over the lake's tables. The keys year, month and day
// are there to be filtered by: these filters reach the partitions, and the rest of the
// lake is not read.
func views(d table.Dialect) []table.View { return engine.PartitionedViews(d, keys[:3]...) }

// tableOver returns the name of the lake's table that has the rows of one of the
// warehouse's.
func tableOver(name string) string {
	all := engine.Datasets()
	return tableName(all[slices.IndexFunc(all, func(d lake.Dataset) bool { return d.Table.Name == name })])
}

// bigQueryDialect names views like the tables that they read, since the warehouse in the
// same dataset has the plain names. Files hold each row once.
type bigQueryDialect struct{ table.Dialect }

func (d bigQueryDialect) Name(of string) string { return d.Dialect.Name(prefix + of) }
func (d bigQueryDialect) Rows(t table.Table, _ string) string {
	return d.Dialect.Name(tableOver(t.Name))
}

// athenaDialect is the SQL of Athena, over a database of a lake's tables.
type athenaDialect struct{ database, format string }

func (d athenaDialect) Name(of string) string               { return fmt.Sprintf(`"%s"."%s"`, d.database, of) }
func (d athenaDialect) Rows(t table.Table, _ string) string { return d.Name(tableOver(t.Name)) }
func (d athenaDialect) Float(number string) string          { return "CAST(" + number + " AS double)" }
func (d athenaDialect) Sum(integers string) string {
	return "sum(CAST(" + integers + " AS decimal(38,0)))"
}

// Date reads times as the files have them: as timestamps in Parquet, as text in JSON.
func (d athenaDialect) Date(time string) string {
	if d.format == lake.JSONL {
		time = "from_iso8601_timestamp(" + time + ")"
	}
	return "date(" + time + ")"
}
