package engine

import "adtoorder/io/warehouseio"

// schema is what a warehouse is made of: the tables, then the views, the last
// of which is built on the first two. A date is the UTC date of window_start.
var schema = []string{
	warehouseio.CreateTable[ClickRow](clicksTable),
	warehouseio.CreateTable[OrderRow](ordersTable),
	warehouseio.CreateTable[ConversionRow](conversionsTable),
	warehouseio.CreateTable[LedgerRow](ledgerTable),
	warehouseio.CreateTable[RejectRow](rejectsTable),
	warehouseio.CreateTable[ProgressRow](progressTable),

	`CREATE VIEW IF NOT EXISTS view_clicks_aggregate AS
SELECT date(c.window_start) AS date, c.promotion AS promotion, sum(c.clicks) AS clicks
FROM clicks AS c
GROUP BY date(c.window_start), c.promotion`,

	`CREATE VIEW IF NOT EXISTS view_orders_aggregate AS
SELECT date(o.window_start) AS date, o.promotion AS promotion, sum(o.orders) AS orders,
  sum(o.order_lines) AS order_lines,
  1000000 * sum(o.units / 1000000) + sum(o.units % 1000000) AS units,
  1000000 * sum(o.revenue_micros / 1000000) + sum(o.revenue_micros % 1000000) AS revenue_micros
FROM orders AS o
GROUP BY date(o.window_start), o.promotion`,

	`CREATE VIEW IF NOT EXISTS view_conversion_ratio AS
SELECT b.date AS date, b.promotion AS promotion, sum(b.clicks) AS clicks, sum(b.orders) AS orders,
  CASE WHEN sum(b.clicks) > 0 THEN 100.0 * sum(b.orders) / sum(b.clicks) END AS conversion_ratio
FROM (
  SELECT c.date AS date, c.promotion AS promotion, c.clicks AS clicks, 0 AS orders FROM view_clicks_aggregate AS c
  UNION ALL
  SELECT o.date, o.promotion, 0, o.orders FROM view_orders_aggregate AS o
) AS b
GROUP BY b.date, b.promotion`,
}
