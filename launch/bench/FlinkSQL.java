import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Counts clicks and orders per minute and promotion with Flink SQL, as a batch on a cluster.
 *
 * <p>Arguments: host and port of Flink's REST interface, the parallelism, the file of clicks, the
 * file of orders, true where clicks have ids, and the folder for the rows, as CSV. Prints the
 * seconds from the first statement to the end of the job, planning included.
 */
public class FlinkSQL {
  public static void main(String[] args) throws Exception {
    String host = args[0], port = args[1], parallelism = args[2], clicks = args[3], orders = args[4];
    // An id that comes again counts once in its minute and promotion.
    String count = args[5].equals("true") ? "COUNT(DISTINCT EventId)" : "COUNT(*)";

    Configuration configuration = new Configuration();
    configuration.setString("execution.target", "remote");
    configuration.setString("rest.address", host);
    configuration.setString("rest.port", port);
    configuration.setString("parallelism.default", parallelism);
    configuration.setString("table.local-time-zone", "UTC");
    TableEnvironment tables =
        TableEnvironment.create(
            EnvironmentSettings.newInstance().inBatchMode().withConfiguration(configuration).build());

    long start = System.nanoTime();
    tables.executeSql(
        "CREATE TEMPORARY TABLE click (EventId STRING, Event STRING, EventType STRING, `Timestamp` TIMESTAMP_LTZ(3)) "
            + file(clicks));
    tables.executeSql(
        "CREATE TEMPORARY TABLE purchase (OrderId STRING, `Timestamp` TIMESTAMP_LTZ(3),"
            + " OrderLines ARRAY<ROW<Promotion STRING, UnitPrice DECIMAL(18, 6), Quantity BIGINT>>) "
            + file(orders));
    tables.executeSql(
        "CREATE TEMPORARY TABLE conversion (started STRING, promotion STRING, clicks BIGINT, orders BIGINT,"
            + " order_lines BIGINT, units BIGINT, revenue_micros BIGINT)"
            + " WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = 'file://" + args[6] + "')");
    tables
        .executeSql(
            "INSERT INTO conversion "
                + "WITH clicked AS ("
                + "  SELECT FLOOR(CAST(`Timestamp` AS TIMESTAMP(3)) TO MINUTE) AS started, Event AS promotion, " + count + " AS clicks"
                + "  FROM click WHERE EventType = 'Promotion' GROUP BY FLOOR(CAST(`Timestamp` AS TIMESTAMP(3)) TO MINUTE), Event),"
                + " once AS ("
                + "  SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY OrderId ORDER BY `Timestamp`) AS version FROM purchase)"
                + "  WHERE version = 1),"
                + " line AS ("
                + "  SELECT OrderId, FLOOR(CAST(`Timestamp` AS TIMESTAMP(3)) TO MINUTE) AS started, Promotion, UnitPrice, Quantity"
                + "  FROM once CROSS JOIN UNNEST(OrderLines) AS l (Promotion, UnitPrice, Quantity) WHERE Promotion <> ''),"
                + " ordered AS ("
                + "  SELECT started, Promotion AS promotion, COUNT(DISTINCT OrderId) AS orders, COUNT(*) AS order_lines,"
                + "    SUM(Quantity) AS units, CAST(SUM(UnitPrice * Quantity) * 1000000 AS BIGINT) AS revenue_micros"
                + "  FROM line GROUP BY started, Promotion)"
                + " SELECT DATE_FORMAT(COALESCE(c.started, o.started), 'yyyy-MM-dd HH:mm'), COALESCE(c.promotion, o.promotion),"
                + "  COALESCE(c.clicks, 0), COALESCE(o.orders, 0), COALESCE(o.order_lines, 0), COALESCE(o.units, 0),"
                + "  COALESCE(o.revenue_micros, 0)"
                + " FROM clicked AS c FULL JOIN ordered AS o ON c.started = o.started AND c.promotion = o.promotion")
        .await();
    System.out.println((System.nanoTime() - start) / 1e9);
    System.exit(0);
  }

  private static String file(String path) {
    return "WITH ('connector' = 'filesystem', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601', 'path' = 'file://" + path + "')";
  }
}
