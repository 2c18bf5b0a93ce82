package engine

import (
	"slices"
	"strconv"
	"strings"

	"adtoorder/io/table"
	_ "adtoorder/io/warehouse/bigquery" // kinds of --warehouse
	_ "adtoorder/io/warehouse/sqlite"
	"adtoorder/transforms/conversion"
)

// Tables are the tables of a warehouse.
var Tables = []table.Table{
	table.Of[ClickRow](clicksTable, "window_start"),
	table.Of[OrderRow](ordersTable, "window_start"),
	withRatio(table.Of[ConversionRow](conversionsTable, "window_start")),
	table.Of[LedgerRow](ledgerTable, "window_start"),
	table.Of[RejectRow](rejectsTable, "time"),
	table.Of[ProgressRow](progressTable, ""),
}

// TableNamed returns a table by its name.
func TableNamed(name string) table.Table {
	return Tables[slices.IndexFunc(Tables, func(t table.Table) bool { return t.Name == name })]
}

// withRatio says in SQL what conversion.Ratio and conversion.Interval compute,
// step by step, so that the digits are the same.
func withRatio(t table.Table) table.Table {
	const (
		n     = `CAST(m.clicks AS FLOAT64)`
		p     = `(CAST(m.orders AS FLOAT64) / ` + n + `)`
		share = `m.clicks > 0 AND m.orders >= 0 AND m.orders <= m.clicks`
	)
	z := strconv.FormatFloat(conversion.Z, 'g', -1, 64)
	zz := `(` + z + ` * ` + z + ` / ` + n + `)`
	spread := `(` + z + ` * SQRT(` + p + ` * (1 - ` + p + `) / ` + n + ` + ` + zz + ` / (4 * ` + n + `)))`
	t.Derived = map[string]string{
		"conversion_ratio": `IF(m.clicks > 0, 100 * CAST(m.orders AS FLOAT64) / NULLIF(` + n + `, 0), NULL)`,
		"ratio_low": `CASE WHEN NOT (` + share + `) THEN NULL WHEN m.orders = 0 THEN 0.0
  ELSE 100 * GREATEST(0, (` + p + ` + ` + zz + ` / 2 - ` + spread + `) / (1 + ` + zz + `)) END`,
		"ratio_high": `CASE WHEN NOT (` + share + `) THEN NULL WHEN m.orders = m.clicks THEN 100.0
  ELSE 100 * LEAST(1, (` + p + ` + ` + zz + ` / 2 + ` + spread + `) / (1 + ` + zz + `)) END`,
	}
	return t
}

// Views are the views of a warehouse. The last one is built on the first two. A
// date is the UTC date of window_start.
func Views(d table.Dialect) []table.View { return PartitionedViews(d) }

// PartitionedViews are the Views over tables that have columns to filter partitions by,
// which the views have, too.
func PartitionedViews(d table.Dialect, partitions ...string) []table.View {
	clicksDate, ordersDate := d.Date("c.window_start"), d.Date("o.window_start")
	// each lists the partitions' columns, of an alias, behind other columns.
	each := func(separator, format string) (list string) {
		for i, name := range partitions {
			list += "," + []string{separator, " "}[min(i, 1)] + strings.ReplaceAll(format, "*", name)
		}
		return list
	}
	return []table.View{
		{Name: "view_clicks_aggregate", Query: `SELECT ` + clicksDate +
			` AS date, c.promotion AS promotion, sum(c.clicks) AS clicks` +
			each("\n  ", "c.* AS *") + `
FROM ` + d.Rows(TableNamed(clicksTable), "") + ` AS c
GROUP BY ` + clicksDate + `, c.promotion` + each(" ", "c.*")},

		{Name: "view_orders_aggregate", Query: `SELECT ` + ordersDate + ` AS date, o.promotion AS promotion, sum(o.orders) AS orders,
  sum(o.order_lines) AS order_lines,
  ` + d.Sum("o.units") + ` AS units,
  ` + d.Sum("o.revenue_micros") + ` AS revenue_micros` + each("\n  ", "o.* AS *") + `
FROM ` + d.Rows(TableNamed(ordersTable), "") + ` AS o
GROUP BY ` + ordersDate + `, o.promotion` + each(" ", "o.*")},

		{Name: "view_conversion_ratio", Query: `SELECT b.date AS date, b.promotion AS promotion, sum(b.clicks) AS clicks, sum(b.orders) AS orders,
  CASE WHEN sum(b.clicks) > 0 THEN 100 * ` + d.Float("sum(b.orders)") + ` / sum(b.clicks) END AS conversion_ratio` +
			each("\n  ", "b.* AS *") + `
FROM (
  SELECT c.date AS date, c.promotion AS promotion, c.clicks AS clicks, 0 AS orders` + each("\n    ", "c.* AS *") + `
  FROM ` + d.Name("view_clicks_aggregate") + ` AS c
  UNION ALL
  SELECT o.date, o.promotion, 0, o.orders` + each(" ", "o.*") + `
  FROM ` + d.Name("view_orders_aggregate") + ` AS o
) AS b
GROUP BY b.date, b.promotion` + each(" ", "b.*")},
	}
}
