package main

import (
	"fmt"
	"strings"

	"adtoorder/io/lake"
	"adtoorder/io/warehouse"
)

// view is a query that has a name.
type view struct{ name, query string }

// dialect is what engines' SQL differs in.
type dialect struct {
	table func(name string) string // of the lake
	view  func(name string) string
	date  func(column string) string // UTC date of a time
	exact string                     // type that holds any sum of integers
	real  string                     // type that a ratio has
}

// views returns the three views of the warehouse over the lake's tables: the last
// is built on the first two. Money and units are added up as exact decimals,
// since sums of 64-bit integers would fail where they overflow. The keys year,
// month and day are there to be filtered by: these filters reach the partitions,
// and the rest of the lake is not read.
func views(d dialect) []view {
	of := strings.NewReplacer(
		"{clicks}", d.table(prefix+"click_stream"), "{orders}", d.table(prefix+"order_stream"),
		"{clicks_view}", d.view("view_clicks_aggregate"), "{orders_view}", d.view("view_orders_aggregate"),
		"{clicks_date}", d.date("c.window_start"), "{orders_date}", d.date("o.window_start"),
		"{exact}", d.exact, "{real}", d.real)
	return []view{
		{d.view("view_clicks_aggregate"), of.Replace(clicksAggregate)},
		{d.view("view_orders_aggregate"), of.Replace(ordersAggregate)},
		{d.view("view_conversion_ratio"), of.Replace(conversionRatio)},
	}
}

const clicksAggregate = `SELECT {clicks_date} AS date, c.promotion AS promotion, sum(c.clicks) AS clicks,
  c.year AS year, c.month AS month, c.day AS day
FROM {clicks} AS c
GROUP BY {clicks_date}, c.promotion, c.year, c.month, c.day`

const ordersAggregate = `SELECT {orders_date} AS date, o.promotion AS promotion, sum(o.orders) AS orders,
  sum(o.order_lines) AS order_lines,
  sum(CAST(o.units AS {exact})) AS units,
  sum(CAST(o.revenue_micros AS {exact})) AS revenue_micros,
  o.year AS year, o.month AS month, o.day AS day
FROM {orders} AS o
GROUP BY {orders_date}, o.promotion, o.year, o.month, o.day`

const conversionRatio = `SELECT b.date AS date, b.promotion AS promotion, sum(b.clicks) AS clicks, sum(b.orders) AS orders,
  CASE WHEN sum(b.clicks) > 0 THEN 100 * CAST(sum(b.orders) AS {real}) / sum(b.clicks) END AS conversion_ratio,
  b.year AS year, b.month AS month, b.day AS day
FROM (
  SELECT c.date AS date, c.promotion AS promotion, c.clicks AS clicks, 0 AS orders,
    c.year AS year, c.month AS month, c.day AS day
  FROM {clicks_view} AS c
  UNION ALL
  SELECT o.date, o.promotion, 0, o.orders, o.year, o.month, o.day
  FROM {orders_view} AS o
) AS b
GROUP BY b.date, b.promotion, b.year, b.month, b.day`

// bigQueryDialect names views like the tables that they read, since the warehouse
// in the same dataset has the plain names.
func bigQueryDialect(d warehouse.BigQuery) dialect {
	return dialect{
		table: d.Name,
		view:  func(name string) string { return d.Name(prefix + name) },
		date:  func(column string) string { return fmt.Sprintf("DATE(%s, 'UTC')", column) },
		exact: "NUMERIC", real: "FLOAT64",
	}
}

// athenaDialect reads times as the files have them: as timestamps in Parquet, as
// text in JSON.
func athenaDialect(database, format string) dialect {
	quoted := func(name string) string { return fmt.Sprintf(`"%s"."%s"`, database, name) }
	date := func(column string) string { return "date(" + column + ")" }
	if format == lake.JSONL {
		date = func(column string) string { return "date(from_iso8601_timestamp(" + column + "))" }
	}
	return dialect{table: quoted, view: quoted, date: date, exact: "decimal(38,0)", real: "double"}
}
