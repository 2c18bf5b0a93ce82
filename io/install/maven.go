package install

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Maven returns the folder with the jars that a project depends on, which its POM pins.
// Another POM has another folder, also under the same name.
func Maven(ctx context.Context, name string, pom []byte) (jars string, err error) {
	return Dir(fmt.Sprintf("%s-%.4x", name, sha256.Sum256(pom)), func(dir string) error { return Jars(ctx, dir, pom) })
}

// Jars fetches such jars into a folder.
func Jars(ctx context.Context, dir string, pom []byte) error {
	if err := Need("java", "mvn"); err != nil {
		return err
	}
	project := filepath.Join(dir, "pom.xml")
	if err := os.WriteFile(project, pom, 0o644); err != nil {
		return err
	}
	return Run(exec.CommandContext(ctx, "mvn", "--quiet", "--batch-mode", "--strict-checksums", "-f", project,
		"dependency:copy-dependencies", "-DoutputDirectory="+dir))
}
