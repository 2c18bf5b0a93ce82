// Package googlesqltest puts SQL through ZetaSQL, the analyser that is BigQuery's own: a
// stand-in for BigQuery may take names, types and functions that BigQuery refuses. It
// is for tests only, and needs a JDK and mvn.
package googlesqltest

import (
	"bytes"
	_ "embed"
	"strings"
	"testing"

	"adtoorder/io/testenv"
)

//go:embed GoogleSQL.java
var program []byte

//go:embed pom.xml
var pom []byte

// Analyze fails the test where BigQuery would not take one of some statements. The
// tables and views that they read are made by statements before.
func Analyze(t testing.TB, statements []string) {
	t.Helper()
	output, err := testenv.RunJava(t, "googlesql-2025.09.1", pom, program, strings.Join(statements, ";\n"))
	if err != nil {
		t.Errorf("ZetaSQL (%v): %s", err, bytes.TrimSpace(output))
	}
}
