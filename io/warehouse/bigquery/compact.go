package bigquery

import (
	"context"
	"fmt"
	"strings"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"cloud.google.com/go/civil"
)

// Compact implements warehouse.Compactor. A date is folded by one statement, so that
// readers see all versions or the folded rows, and rows that are written meanwhile stay.
func (b Warehouse) Compact(
	ctx context.Context, tables []table.Table, before civil.Date, done func(warehouse.Folded),
) error {
	for _, t := range tables {
		dates, err := b.foldable(ctx, t, before)
		if err != nil {
			return err
		}
		for _, f := range dates {
			if err := b.execute(ctx, "folding "+t.Name, b.fold(t, f.Date)); err != nil {
				return err
			}
			done(f)
		}
	}
	return b.execute(ctx, "removing former origins", fmt.Sprintf(
		"DELETE FROM %[1]s AS o WHERE o.written_at < (SELECT MAX(n.written_at) FROM %[1]s AS n)", b.name(originTable)))
}

// Scrub implements warehouse.Scrubber. What a table was stays for BigQuery's time travel,
// seven days unless the dataset says otherwise.
func (b Warehouse) Scrub(ctx context.Context, t table.Table) error {
	end := civil.DateOf(last.UTC())
	return b.Compact(ctx, []table.Table{t}, end, func(warehouse.Folded) {})
}

// foldable returns the dates that have more than one version of a row.
func (b Warehouse) foldable(
	ctx context.Context, t table.Table, before civil.Date,
) (all []warehouse.Folded, err error) {
	date, condition, args := "NULL", "TRUE", []any{}
	if t.Time != "" {
		date, condition, args = b.Dialect().Date("r."+t.Time), "r."+t.Time+" < ?", []any{before.In(time.UTC)}
	}
	keys := "r." + strings.Join(table.Names(table.Keys(t.Columns)), ", r.")
	query := fmt.Sprintf(`SELECT v.date, SUM(v.versions - 1) FROM (
  SELECT %s AS date, COUNT(*) AS versions FROM %s AS r WHERE %s GROUP BY date, %s
) AS v GROUP BY v.date HAVING SUM(v.versions - 1) > 0 ORDER BY v.date`, date, b.name(t.Name), condition, keys)
	err = b.Query(ctx, "looking for versions in "+t.Name, query, args, func(found warehouse.Row) error {
		f := warehouse.Folded{Table: t.Name}
		err := found.Scan(&f.Date, &f.Versions)
		all = append(all, f)
		return err
	})
	return all, err
}

// fold is the statement that puts merged rows in place of a date's versions.
func (b Warehouse) fold(t table.Table, date civil.Date) string {
	where := func(alias string) string {
		if t.Time == "" {
			return "TRUE"
		}
		column := alias + "." + t.Time
		return fmt.Sprintf("%s >= TIMESTAMP '%s 00:00:00 UTC' AND %[1]s < TIMESTAMP '%[3]s 00:00:00 UTC'",
			column, date, date.AddDays(1))
	}
	names := "`" + strings.Join(table.Names(t.Columns), "`, `") + "`"
	return fmt.Sprintf(`MERGE %s AS t USING (%s) AS f ON FALSE
WHEN NOT MATCHED BY SOURCE AND %s THEN DELETE
WHEN NOT MATCHED THEN INSERT (%s) VALUES (%s)`,
		b.name(t.Name), dialect{b}.merged(t, where("r")), where("t"), names, names)
}
