"""Counts clicks and orders per minute and promotion with DuckDB.

Arguments: the file of clicks, the file of orders, the number of threads, and
true where clicks have ids. Prints JSON: the seconds of the query alone, and the
totals of its rows. Give it to Python on standard input (python -I - ARGUMENTS
< duckdb.py): run by its name, it would import itself.
"""

import json
import sys
import time

import duckdb

clicks_file, orders_file, threads, event_ids = sys.argv[1:]

# An id that comes again counts once in its minute and promotion.
event_id, count_clicks = "", "count(*)"
if event_ids == "true":
    event_id, count_clicks = "EventId: 'VARCHAR',", 'count(distinct "EventId")'

QUERY = f"""
with clicks as (
  select date_trunc('minute', "Timestamp") as minute, "Event" as promotion, {count_clicks} as clicks
  from read_json($clicks, format = 'newline_delimited', columns = {{
    {event_id} UserId: 'VARCHAR', Device: 'VARCHAR', Event: 'VARCHAR', EventType: 'VARCHAR', "Timestamp": 'TIMESTAMP'}})
  where "EventType" = 'Promotion' group by all
),
order_once as (
  select distinct on ("OrderId") "OrderId" as id, "Timestamp" as time, "OrderLines" as lines
  from read_json($orders, format = 'newline_delimited', columns = {{
    OrderId: 'VARCHAR', UserId: 'VARCHAR', "Timestamp": 'TIMESTAMP',
    OrderLines: 'STRUCT(ItemId VARCHAR, Promotion VARCHAR, UnitPrice DECIMAL(18, 6), Quantity BIGINT)[]'}})
),
line as (
  select id, date_trunc('minute', time) as minute, unnest(lines, recursive := true) from order_once
),
orders as (
  select minute, "Promotion" as promotion, count(distinct id) as orders, count(*) as order_lines,
    sum("Quantity") as units, sum("UnitPrice" * "Quantity") as revenue
  from line where "Promotion" <> '' group by all
)
select minute, promotion, clicks, orders, order_lines, units, revenue, 100.0 * orders / clicks as conversion_ratio
from clicks full join orders using (minute, promotion)
"""

connection = duckdb.connect(config={"threads": int(threads)})
wall, cpu = time.perf_counter(), time.process_time()
rows = connection.execute(QUERY, {"clicks": clicks_file, "orders": orders_file}).fetchall()
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu


def total(column):
    return sum(row[column] or 0 for row in rows)


print(json.dumps({
    "seconds": wall,
    "cpu_seconds": cpu,
    "totals": {
        "rows": len(rows),
        "clicks": total(2),
        "orders": total(3),
        "order_lines": total(4),
        "units": int(total(5)),
        "revenue_micros": int(total(6) * 1_000_000),  # a Decimal: exact
        "clicks_times_orders": sum((row[2] or 0) * (row[3] or 0) for row in rows),
    },
}))
