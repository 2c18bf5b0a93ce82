// Package googlesql puts SQL through ZetaSQL, the analyser that is BigQuery's own: a
// stand-in for BigQuery may take names, types and functions that BigQuery refuses. It
// is for tests only, and needs a JDK and mvn.
package googlesql

import (
	"bytes"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/standin"
)

//go:embed GoogleSQL.java
var program []byte

//go:embed pom.xml
var pom []byte

// Analyze fails the test where BigQuery would not take one of some statements. The
// tables and views that they read are made by statements before.
func Analyze(t testing.TB, statements []string) {
	t.Helper()
	if _, err := exec.LookPath("javac"); err != nil {
		t.Fatal("ZetaSQL: javac is missing, run: apt-get install openjdk-17-jdk-headless")
	}
	jars, err := standin.Maven("googlesql-2025.09.1", pom)
	if err != nil {
		t.Fatalf("installing ZetaSQL: %v", err)
	}
	source := filepath.Join(t.TempDir(), "GoogleSQL.java")
	if err := os.WriteFile(source, program, 0o644); err != nil {
		t.Fatal(err)
	}
	java := exec.Command("java", "-cp", filepath.Join(jars, "*"), source)
	java.Stdin = strings.NewReader(strings.Join(statements, ";\n"))
	if said, err := java.CombinedOutput(); err != nil {
		t.Errorf("ZetaSQL (%v): %s", err, bytes.TrimSpace(said))
	}
}
