package main

import (
	"fmt"
	"strings"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/pipelines/engine"
)

// prefix keeps the names apart from those of the warehouse's own tables, which
// may be in the same dataset.
const prefix = "lake_"

// keys are the partitions' keys, in the order in which they stand in paths.
var keys = []string{"year", "month", "day", "hour"}

// definition is a table over the files of a dataset.
type definition struct {
	name     string
	dataset  string // in the lake
	location string // of the files, without a slash at its end
	columns  []column
}

// column is a column of a table. Its type is called as the catalog calls it.
type column struct{ name, typ string }

// typeNames tells what a catalog calls the types of columns.
type typeNames map[table.Kind]string

// tableName is what the table over a dataset is called.
func tableName(d lake.Dataset) string { return prefix + strings.ReplaceAll(d.Name, "-", "_") }

// define returns the tables of a lake. All their columns may be null: files that
// were written before a column was added have none of it.
func define(l lake.Lake, types typeNames) ([]definition, error) {
	var all []definition
	for _, dataset := range engine.Datasets() {
		d := definition{name: tableName(dataset), dataset: dataset.Name, location: l.Dir + "/" + dataset.Name}
		for _, c := range dataset.Table.Columns {
			if types[c.Kind] == "" {
				return nil, fmt.Errorf("column %s of %s is of %v, which catalogs have no type for "+
					"yet; add one in launch/catalog",
					c.Name, dataset.Name, c.Type)
			}
			d.columns = append(d.columns, column{c.Name, types[c.Kind]})
		}
		all = append(all, d)
	}
	return all, nil
}
