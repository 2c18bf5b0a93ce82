package sqlite

import (
	"fmt"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
)

// dialect is SQLite's SQL. Times are RFC 3339 text.
type dialect struct{}

// Dialect implements warehouse.Warehouse.
func (Warehouse) Dialect() warehouse.Dialect { return dialect{} }

// Name implements table.Dialect.
func (dialect) Name(of string) string { return of }

// Rows implements table.Dialect: rows are merged where they are written.
func (dialect) Rows(t table.Table, condition string) string {
	if condition == "" {
		return t.Name
	}
	return fmt.Sprintf("(SELECT * FROM %s AS r WHERE %s)", t.Name, condition)
}

// WindowRows implements warehouse.Dialect. A table's key begins with window_start;
// where windows are many, looking each one up beats reading all of their rows.
func (d dialect) WindowRows(
	t table.Table, from, before time.Time, size time.Duration, condition string,
) string {
	return fmt.Sprintf(`(SELECT r.* FROM (
  WITH RECURSIVE starts(at) AS (SELECT %d UNION ALL SELECT at + %d FROM starts WHERE at + %[2]d < %[3]d)
  SELECT at FROM starts WHERE at < %[3]d
) AS w CROSS JOIN %[4]s AS r ON r.window_start = strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', w.at, 'unixepoch') AND %[5]s)`,
		from.Unix(), int64(size.Seconds()), before.Unix(), t.Name, condition)
}

// Date implements table.Dialect.
func (dialect) Date(time string) string { return "substr(" + time + ", 1, 10)" }

// Start implements warehouse.Dialect.
func (dialect) Start(time string, size time.Duration) string {
	return fmt.Sprintf("unixepoch(%[1]s) / %[2]d * %[2]d", time, int64(size.Seconds()))
}

// Float implements table.Dialect.
func (dialect) Float(number string) string { return "CAST(" + number + " AS REAL)" }

// Sum implements table.Dialect, in two parts, so that one absurd number can't overflow
// it.
func (dialect) Sum(integers string) string {
	return fmt.Sprintf("1000000 * sum(%[1]s / 1000000) + sum(%[1]s %% 1000000)", integers)
}
