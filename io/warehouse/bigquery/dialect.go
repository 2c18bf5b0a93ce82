package bigquery

import (
	"fmt"
	"strings"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
)

// dialect is GoogleSQL. Names are qualified, as views want it; and each column goes by
// its table's alias, since a bare one that is called like its table would be the table.
type dialect struct{ of Warehouse }

// Dialect implements warehouse.Warehouse.
func (b Warehouse) Dialect() warehouse.Dialect { return dialect{b} }

// name is a table's or view's name in SQL.
func (b Warehouse) name(of string) string { return "`" + b.ID() + "." + of + "`" }

// Name implements table.Dialect.
func (d dialect) Name(of string) string { return d.of.name(of) }

// Date implements table.Dialect.
func (dialect) Date(time string) string { return "DATE(" + time + ", 'UTC')" }

// Float implements table.Dialect.
func (dialect) Float(number string) string { return "CAST(" + number + " AS FLOAT64)" }

// Sum implements table.Dialect.
func (dialect) Sum(integers string) string { return "sum(CAST(" + integers + " AS NUMERIC))" }

// Start implements warehouse.Dialect.
func (dialect) Start(time string, size time.Duration) string {
	return fmt.Sprintf("UNIX_SECONDS(%[1]s) - MOD(UNIX_SECONDS(%[1]s), %[2]d)", time, int64(size.Seconds()))
}

// WindowRows implements warehouse.Dialect.
func (d dialect) WindowRows(t table.Table, from, before time.Time, _ time.Duration, condition string) string {
	return d.Rows(t, fmt.Sprintf(
		"r.window_start >= TIMESTAMP_SECONDS(%d) AND r.window_start < TIMESTAMP_SECONDS(%d) AND %s",
		from.Unix(), before.Unix(), condition))
}

// Rows implements table.Dialect: counters by max, and all other columns from a version
// with the largest last counter; where there are no counters, or payloads, too, from that
// which of these is the largest as text.
func (d dialect) Rows(t table.Table, condition string) string {
	return "(" + d.merged(t, condition) + ")"
}

// merged is the query for a table's merged rows. It leaves out derived columns that the
// table does not tell how to compute.
func (d dialect) merged(t table.Table, condition string) string {
	if condition == "" {
		condition = "TRUE"
	}
	var keys, inner, outer []string
	last := lastOf(t.Columns)
	for _, c := range t.Columns {
		merge := ""
		switch {
		case c.Key:
			keys = append(keys, "r."+c.Name)
			merge = "r." + c.Name
		case c.Derived:
			if expression := t.Derived[c.Name]; expression != "" {
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
		strings.Join(outer, ", "), strings.Join(inner, ", "), d.Name(t.Name), condition, strings.Join(keys, ", "))
}

// lastOf is the expression of r by which the last version of a row is told. Counters of
// payloads say little: most versions have the same.
func lastOf(columns []table.Column) string {
	const text = "TO_JSON_STRING(r)"
	counter, payload := "", false
	for _, c := range columns {
		payload = payload || c.Kind == table.Binary
		if c.Max {
			counter = "r." + c.Name
		}
	}
	switch {
	case counter == "":
		return text
	case payload:
		return "FORMAT('%020d %s', IFNULL(" + counter + ", 0), " + text + ")"
	}
	return counter
}

// quote has a name stand where a keyword would be one, such as partition.
func quote(name string) string { return "`" + name + "`" }
