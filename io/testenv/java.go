package testenv

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/install"
)

// RunJava runs a program to its end, given as the source of one class, with an input
// and the jars that a project, given by its POM, depends on. It returns what the
// program printed. The jars are fetched at first, into a folder of a name.
func RunJava(t testing.TB, name string, pom, source []byte, input string) (output []byte, err error) {
	t.Helper()
	if err := install.Need("javac"); err != nil {
		return nil, err
	}
	ctx := context.WithoutCancel(t.Context()) // at a test's end, too
	jars, err := install.Maven(ctx, name, pom)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(t.TempDir(), "Program.java")
	if err := os.WriteFile(file, source, 0o644); err != nil {
		return nil, err
	}
	java := exec.Command("java", "-cp", filepath.Join(jars, "*"), file)
	java.Stdin = strings.NewReader(input)
	return java.CombinedOutput()
}
