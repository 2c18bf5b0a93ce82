package warehouse

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/civil"
)

// Folded says how many versions of rows were removed from a table's date; the zero
// date is a table without partitions.
type Folded struct {
	Table    string
	Date     civil.Date
	Versions int64
}

// Compact folds the versions of rows of the UTC dates before a date into one row
// each, and tells of each date that is done. A date is folded by one statement, so
// that readers see all versions or the folded rows, and rows that are written
// meanwhile stay.
func (b BigQuery) Compact(ctx context.Context, tables []Table, before civil.Date, done func(Folded)) error {
	for _, t := range tables {
		dates, err := b.foldable(ctx, t, before)
		if err != nil {
			return err
		}
		for _, f := range dates {
			if _, err := b.Query(ctx, "folding "+t.Name, b.fold(t, f.Date)); err != nil {
				return err
			}
			done(f)
		}
	}
	_, err := b.Query(ctx, "removing former origins", fmt.Sprintf(
		"DELETE FROM %[1]s AS o WHERE o.written_at < (SELECT MAX(n.written_at) FROM %[1]s AS n)", b.Name(originTable)))
	return err
}

// foldable returns the dates that have more than one version of a row.
func (b BigQuery) foldable(ctx context.Context, t Table, before civil.Date) (all []Folded, err error) {
	date, condition, args := "NULL", "TRUE", []any{}
	if t.Time != "" {
		date, condition, args = "DATE(r."+t.Time+", 'UTC')", "r."+t.Time+" < ?", []any{before.In(time.UTC)}
	}
	var keys []string
	for _, c := range t.Columns {
		if c.Key {
			keys = append(keys, "r."+c.Name)
		}
	}
	rows, err := b.Query(ctx, "looking for versions in "+t.Name, fmt.Sprintf(`SELECT v.date, SUM(v.versions - 1) FROM (
  SELECT %s AS date, COUNT(*) AS versions FROM %s AS r WHERE %s GROUP BY %s
) AS v GROUP BY v.date HAVING SUM(v.versions - 1) > 0 ORDER BY v.date`,
		date, b.Name(t.Name), condition, strings.Join(append([]string{"date"}, keys...), ", ")), args...)
	for _, row := range rows {
		date, _ := row[0].(civil.Date)
		versions, _ := row[1].(int64)
		all = append(all, Folded{t.Name, date, versions})
	}
	return all, err
}

// fold is the statement that puts merged rows in place of a date's versions.
func (b BigQuery) fold(t Table, date civil.Date) string {
	where := func(alias string) string {
		if t.Time == "" {
			return "TRUE"
		}
		column := alias + "." + t.Time
		return fmt.Sprintf("%s >= TIMESTAMP '%s 00:00:00 UTC' AND %s < TIMESTAMP '%s 00:00:00 UTC'", column, date, column, date.AddDays(1))
	}
	names := "`" + strings.Join(names(t.Columns), "`, `") + "`"
	return fmt.Sprintf(`MERGE %s AS t USING (%s) AS f ON FALSE
WHEN NOT MATCHED BY SOURCE AND %s THEN DELETE
WHEN NOT MATCHED THEN INSERT (%s) VALUES (%s)`, b.Name(t.Name), b.Merged(t, where("r")), where("t"), names, names)
}
