import com.google.zetasql.Analyzer;
import com.google.zetasql.AnalyzerOptions;
import com.google.zetasql.ParseResumeLocation;
import com.google.zetasql.SimpleCatalog;
import com.google.zetasql.SimpleTable;
import com.google.zetasql.SqlException;
import com.google.zetasql.ZetaSQLBuiltinFunctionOptions;
import com.google.zetasql.ZetaSQLOptions.ParameterMode;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateExternalTableStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateStatement;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateTableStmtBase;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateViewStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedStatement;
import com.google.zetasql.toolkit.options.BigQueryLanguageOptions;
import java.nio.charset.StandardCharsets;

/**
 * Resolves the names and types of a script in BigQuery's SQL, which it reads from its
 * standard input. Tables and views are those that the script makes. It ends with status 1
 * at the first statement that is wrong, and prints why.
 */
class GoogleSQL {
  public static void main(String[] args) throws Exception {
    byte[] script = System.in.readAllBytes();
    AnalyzerOptions options = new AnalyzerOptions();
    options.setLanguageOptions(BigQueryLanguageOptions.get());
    options.setParameterMode(ParameterMode.PARAMETER_POSITIONAL);
    options.setAllowUndeclaredParameters(true);
    SimpleCatalog catalog = new SimpleCatalog("");
    catalog.addZetaSQLFunctionsAndTypes(new ZetaSQLBuiltinFunctionOptions(options.getLanguageOptions()));

    ParseResumeLocation at = new ParseResumeLocation(new String(script, StandardCharsets.UTF_8));
    while (at.getBytePosition() < script.length) {
      int from = at.getBytePosition();
      try {
        keep(catalog, Analyzer.analyzeNextStatement(at, options, catalog));
      } catch (SqlException e) {
        String rest = new String(script, from, script.length - from, StandardCharsets.UTF_8).strip();
        System.out.println(e.getMessage() + ": " + rest.substring(0, Math.min(1000, rest.length())));
        System.exit(1);
      }
    }
  }

  /** Keeps what a statement makes. */
  static void keep(SimpleCatalog catalog, ResolvedStatement statement) {
    if (!(statement instanceof ResolvedCreateStatement made)) {
      return;
    }
    String name = String.join(".", made.getNamePath());
    SimpleTable table = new SimpleTable(name);
    if (made instanceof ResolvedCreateTableStmtBase t) {
      t.getColumnDefinitionList().forEach(c -> table.addSimpleColumn(c.getName(), c.getType()));
      if (made instanceof ResolvedCreateExternalTableStmt e && e.getWithPartitionColumns() != null) {
        e.getWithPartitionColumns().getColumnDefinitionList().forEach(c -> table.addSimpleColumn(c.getName(), c.getType()));
      }
    } else if (made instanceof ResolvedCreateViewStmt v) {
      v.getOutputColumnList().forEach(c -> table.addSimpleColumn(c.getName(), c.getColumn().getType()));
    }
    if (catalog.getTableNameList().contains(name)) {
      catalog.removeSimpleTable(name);
    }
    catalog.addSimpleTable(table);
  }
}
