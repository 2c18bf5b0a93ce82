"""Counts clicks and orders per minute and promotion with DuckDB.

Arguments: the file of clicks, the file of orders, the number of threads, true
where clicks have ids, and a folder for Parquet files, or "" for the query alone.
Prints JSON: the seconds of the query or, with a folder, of all that its files
take, without what comes before and after; and the totals of the rows. Give it to
Python on standard input (python -I - ARGUMENTS < duckdb.py): run by its name, it
would import itself.
"""

import json
import sys
import time

import duckdb

clicks_file, orders_file, threads, event_ids, folder = sys.argv[1:]
folder = folder.replace("'", "''")  # as it stands in SQL

# An id that comes again counts once in its minute and promotion.
event_id, count_clicks = "", "count(*)"
if event_ids == "true":
    event_id, count_clicks = "EventId: 'VARCHAR',", 'count(distinct "EventId")'

CLICKS = f"""
select date_trunc('minute', "Timestamp") as minute, "Event" as promotion, {count_clicks} as clicks
from read_json($clicks, format = 'newline_delimited', columns = {{
  {event_id} UserId: 'VARCHAR', Device: 'VARCHAR', Event: 'VARCHAR', EventType: 'VARCHAR', "Timestamp": 'TIMESTAMP'}})
where "EventType" = 'Promotion' group by all
"""

ORDERS = """
with order_once as (
  select distinct on ("OrderId") "OrderId" as id, "Timestamp" as time, "OrderLines" as lines
  from read_json($orders, format = 'newline_delimited', columns = {
    OrderId: 'VARCHAR', UserId: 'VARCHAR', "Timestamp": 'TIMESTAMP',
    OrderLines: 'STRUCT(ItemId VARCHAR, Promotion VARCHAR, UnitPrice DECIMAL(18, 6), Quantity BIGINT)[]'})
),
line as (
  select id, date_trunc('minute', time) as minute, unnest(lines, recursive := true) from order_once
)
select minute, "Promotion" as promotion, count(distinct id) as orders, count(*) as order_lines,
  sum("Quantity")::BIGINT as units, (sum("UnitPrice" * "Quantity") * 1000000)::BIGINT as revenue_micros
from line where "Promotion" <> '' group by all
"""

# Of clicks and orders, which are parts of a query or tables.
CONVERSIONS = """
select minute, promotion, coalesce(clicks, 0) as clicks, coalesce(orders, 0) as orders,
  coalesce(order_lines, 0) as order_lines, coalesce(units, 0) as units, coalesce(revenue_micros, 0) as revenue_micros,
  100.0 * coalesce(orders, 0) / clicks as conversion_ratio
from clicks full join orders using (minute, promotion)
"""

TOTALS = """
select count(*) as rows, sum(clicks)::BIGINT as clicks, sum(orders)::BIGINT as orders,
  sum(order_lines)::BIGINT as order_lines, sum(units)::BIGINT as units,
  sum(revenue_micros)::BIGINT as revenue_micros, sum(clicks * orders)::BIGINT as clicks_times_orders
from """

connection = duckdb.connect(config={"threads": int(threads)})


def query():
    """Leaves the result in DuckDB's memory."""
    both = f"with clicks as ({CLICKS}), orders as ({ORDERS})"
    connection.execute(f"create temp table conversions as {both} {CONVERSIONS}",
                       {"clicks": clicks_file, "orders": orders_file})
    return "conversions"


def write_files():
    """Writes the engine's three datasets, with their columns, into a folder for each hour."""
    connection.execute(f"create temp table clicks as {CLICKS}", {"clicks": clicks_file})
    connection.execute(f"create temp table orders as {ORDERS}", {"orders": orders_file})
    # A 95 % Wilson interval of a share p of n.
    interval = """
      case when orders <= clicks then 100 * (p + zz / 2 {sign} 1.959963984540054 * sqrt(p * (1 - p) / n + zz / (4 * n)))
        / (1 + zz) end"""
    copy("click-stream", "select *, 0 as late_clicks from clicks")
    copy("order-stream", "select *, 0 as late_orders from orders")
    copy("conversions", f"""
      select * exclude (n, p, zz), 0 as late_clicks, 0 as late_orders,
        {interval.format(sign="-")} as ratio_low, {interval.format(sign="+")} as ratio_high
      from (select *, nullif(clicks, 0)::DOUBLE as n, orders / n as p, 3.841458820694124 / n as zz
        from ({CONVERSIONS}))""")
    return f"read_parquet('{folder}/conversions/**/*.parquet')"


def copy(dataset, rows):
    # In the order of time, since that is faster and makes fewer files of many hours.
    connection.execute(f"""
      copy (select minute as window_start, minute + interval 1 minute as window_end, * exclude (minute),
          strftime(minute, '%Y') as year, strftime(minute, '%m') as month, strftime(minute, '%d') as day,
          strftime(minute, '%H') as hour
        from ({rows}) order by minute)
      to '{folder}/{dataset}' (format parquet, compression snappy, partition_by (year, month, day, hour))""")


wall, cpu = time.perf_counter(), time.process_time()
result = write_files() if folder else query()
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu

totals = connection.execute(TOTALS + result)
names = [column[0] for column in totals.description]
print(json.dumps({"seconds": wall, "cpu_seconds": cpu, "totals": dict(zip(names, totals.fetchone()))}))
