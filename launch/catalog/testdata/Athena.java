import io.trino.sql.parser.SqlParser;
import java.nio.charset.StandardCharsets;

/** Parses statements of its standard input as Athena does, and prints how many there are. */
class Athena {
  public static void main(String[] args) throws Exception {
    int statements = 0;
    for (String statement : new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split(";")) {
      if (!statement.isBlank()) {
        new SqlParser().createStatement(statement);
        statements++;
      }
    }
    System.out.println(statements);
  }
}
