package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Python returns the folder of an environment with packages, pinned, that is made at
// first by a Python. Its own is InPython. setup is a script that completes it, with
// the folder as its HOME; "" for none.
func Python(name, python, setup string, packages ...string) (dir string, err error) {
	return Install(name, func(dir string) error {
		if err := run(exec.Command(python, "-m", "venv", dir)); err != nil {
			return err
		}
		pip := exec.Command(InPython(dir), append([]string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check"}, packages...)...)
		if err := run(pip); err != nil || setup == "" {
			return err
		}
		c := exec.Command(InPython(dir), "-c", setup)
		c.Env = append(os.Environ(), "HOME="+dir)
		return run(c)
	})
}

// InPython is the Python of such a folder.
func InPython(dir string) string { return filepath.Join(dir, "bin", "python") }

func run(c *exec.Cmd) error {
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", c, err, last(said))
	}
	return nil
}

// FindPython returns a Python of a version, such as 3.13.
func FindPython(version string) (string, error) {
	candidates := []string{"python" + version, "python3"}
	if home, err := os.UserHomeDir(); err == nil {
		installed, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", version+".*", "bin", "python3"))
		candidates = append(candidates, installed...)
	}
	for _, python := range candidates {
		said, err := exec.Command(python, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])").Output()
		if err == nil && string(bytes.TrimSpace(said)) == version {
			return python, nil
		}
	}
	return "", errors.New("Python " + version + " is missing, run: pyenv install " + version)
}
