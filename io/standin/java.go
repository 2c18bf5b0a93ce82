package standin

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// Maven returns the folder of the jars that a project, given by its POM, depends on.
// They are fetched at first.
func Maven(name string, pom []byte) (dir string, err error) {
	if _, err := exec.LookPath("mvn"); err != nil {
		return "", errors.New("mvn is missing, run: apt-get install maven")
	}
	return Install(name, func(dir string) error {
		project := filepath.Join(dir, "pom.xml")
		if err := os.WriteFile(project, pom, 0o644); err != nil {
			return err
		}
		return run(exec.Command("mvn", "--quiet", "--batch-mode", "--strict-checksums", "-f", project,
			"dependency:copy-dependencies", "-DoutputDirectory="+dir))
	})
}
