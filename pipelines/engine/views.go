package engine

import (
	"slices"
	"strconv"

	"adtoorder/io/warehouse"
	"adtoorder/transforms/conversion"
)

// Tables are the tables of a warehouse.
var Tables = []warehouse.Table{
	warehouse.TableOf[ClickRow](clicksTable, "window_start"),
	warehouse.TableOf[OrderRow](ordersTable, "window_start"),
	withRatio(warehouse.TableOf[ConversionRow](conversionsTable, "window_start")),
	warehouse.TableOf[LedgerRow](ledgerTable, "window_start"),
	warehouse.TableOf[RejectRow](rejectsTable, "time"),
	warehouse.TableOf[ProgressRow](progressTable, ""),
}

// tableNamed returns a table by its name.
func tableNamed(name string) warehouse.Table {
	return Tables[slices.IndexFunc(Tables, func(t warehouse.Table) bool { return t.Name == name })]
}

// withRatio says in SQL what conversion.Ratio and conversion.Interval compute,
// step by step, so that the digits are the same.
func withRatio(t warehouse.Table) warehouse.Table {
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
func Views(d warehouse.Dialect) []warehouse.View {
	clicksDate, ordersDate := d.Date("c.window_start"), d.Date("o.window_start")
	return []warehouse.View{
		{Name: "view_clicks_aggregate", Query: `SELECT ` + clicksDate + ` AS date, c.promotion AS promotion, sum(c.clicks) AS clicks
FROM ` + d.Rows(clicksTable) + ` AS c
GROUP BY ` + clicksDate + `, c.promotion`},

		{Name: "view_orders_aggregate", Query: `SELECT ` + ordersDate + ` AS date, o.promotion AS promotion, sum(o.orders) AS orders,
  sum(o.order_lines) AS order_lines,
  ` + d.Sum("o.units") + ` AS units,
  ` + d.Sum("o.revenue_micros") + ` AS revenue_micros
FROM ` + d.Rows(ordersTable) + ` AS o
GROUP BY ` + ordersDate + `, o.promotion`},

		{Name: "view_conversion_ratio", Query: `SELECT b.date AS date, b.promotion AS promotion, sum(b.clicks) AS clicks, sum(b.orders) AS orders,
  CASE WHEN sum(b.clicks) > 0 THEN 100.0 * sum(b.orders) / sum(b.clicks) END AS conversion_ratio
FROM (
  SELECT c.date AS date, c.promotion AS promotion, c.clicks AS clicks, 0 AS orders FROM ` + d.View("view_clicks_aggregate") + ` AS c
  UNION ALL
  SELECT o.date, o.promotion, 0, o.orders FROM ` + d.View("view_orders_aggregate") + ` AS o
) AS b
GROUP BY b.date, b.promotion`},
	}
}
