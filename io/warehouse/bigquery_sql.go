package warehouse

import (
	"fmt"
	"strings"

	"adtoorder/io/table"
)

// bigQueryDialect is GoogleSQL. Names are qualified, as views want it; and each
// column goes by its table's alias, since a bare one that is called like its table
// would be the table.
type bigQueryDialect struct {
	BigQuery
	tables []Table
}

// Rows implements Dialect.
func (d bigQueryDialect) Rows(name string) string {
	for _, t := range d.tables {
		if t.Name == name {
			return "(" + d.merged(t.Name, t.Columns, t.Derived, "TRUE") + ")"
		}
	}
	return d.Name(name)
}

// View implements Dialect.
func (d bigQueryDialect) View(name string) string { return d.Name(name) }

// Date implements Dialect.
func (d bigQueryDialect) Date(time string) string { return "DATE(" + time + ", 'UTC')" }

// Sum implements Dialect.
func (d bigQueryDialect) Sum(integers string) string { return "SUM(CAST(" + integers + " AS NUMERIC))" }

// Merged is the query for a table's rows, merged, in BigQuery's SQL, of those
// versions that meet a condition on r: counters by max, and all other columns from
// a version with the largest last counter; where there are no counters, from the
// version that is the largest as text.
func (b BigQuery) Merged(t Table, condition string) string {
	return b.merged(t.Name, t.Columns, t.Derived, condition)
}

// merged leaves out derived columns that it is not told how to compute.
func (b BigQuery) merged(name string, columns []table.Column, derived map[string]string, condition string) string {
	var keys, inner, outer []string
	last := "TO_JSON_STRING(r)"
	for _, c := range columns {
		if c.Max {
			last = "r." + c.Name
		}
	}
	for _, c := range columns {
		merge := ""
		switch {
		case c.Key:
			keys = append(keys, "r."+c.Name)
			merge = "r." + c.Name
		case c.Derived:
			if expression := derived[c.Name]; expression != "" {
				outer = append(outer, expression+" AS "+quote(c.Name))
			}
			continue
		case c.Max:
			merge = "MAX(r." + c.Name + ")"
		default:
			merge = "ANY_VALUE(r." + c.Name + " HAVING MAX " + last + ")"
		}
		inner = append(inner, merge+" AS "+quote(c.Name))
		outer = append(outer, "m."+c.Name)
	}
	return fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s AS r WHERE %s GROUP BY %s) AS m",
		strings.Join(outer, ", "), strings.Join(inner, ", "), b.Name(name), condition, strings.Join(keys, ", "))
}

// quote has a name stand where a keyword would be one, such as partition.
func quote(name string) string { return "`" + name + "`" }
