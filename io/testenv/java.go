package testenv

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Java runs a program until it ends, given as the source of one class, with an input
// and the jars that a project, given by its POM, depends on. It returns what the
// program says. The jars are fetched at first, into a folder of a name.
func Java(t testing.TB, name string, pom, source []byte, input string) (said []byte, err error) {
	t.Helper()
	if _, err := exec.LookPath("javac"); err != nil {
		return nil, errors.New("javac is missing, run: apt-get install openjdk-17-jdk-headless")
	}
	jars, err := maven(name, pom)
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

// maven returns the folder of a project's jars.
func maven(name string, pom []byte) (dir string, err error) {
	if _, err := exec.LookPath("mvn"); err != nil {
		return "", errors.New("mvn is missing, run: apt-get install maven")
	}
	return Install(fmt.Sprintf("%s-%.4x", name, sha256.Sum256(pom)), func(dir string) error {
		project := filepath.Join(dir, "pom.xml")
		if err := os.WriteFile(project, pom, 0o644); err != nil {
			return err
		}
		return run(exec.Command("mvn", "--quiet", "--batch-mode", "--strict-checksums", "-f", project,
			"dependency:copy-dependencies", "-DoutputDirectory="+dir))
	})
}
