package install

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Python returns the folder of a Python environment with packages, which are pinned as
// NAME==VERSION. Interpreter is its own Python; the one that makes it is given. setup is
// a script that completes it, with the folder as its HOME; "" for none.
func Python(ctx context.Context, name, python, setup string, packages ...string) (dir string, err error) {
	return Dir(name, func(dir string) error {
		if err := Run(exec.CommandContext(ctx, python, "-m", "venv", dir)); err != nil {
			return err
		}
		pip := append([]string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check"}, packages...)
		if err := Run(exec.CommandContext(ctx, Interpreter(dir), pip...)); err != nil || setup == "" {
			return err
		}
		completing := exec.CommandContext(ctx, Interpreter(dir), "-c", setup)
		completing.Env = append(os.Environ(), "HOME="+dir)
		return Run(completing)
	})
}

// Interpreter is the Python of such a folder.
func Interpreter(dir string) string { return filepath.Join(dir, "bin", "python") }

// FindPython returns a Python of a version, such as 3.13: one of the search path, or
// one that pyenv has installed.
func FindPython(version string) (string, error) {
	candidates := []string{"python" + version, "python3"}
	if home, err := os.UserHomeDir(); err == nil {
		installed, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", version+".*", "bin", "python3"))
		candidates = append(candidates, installed...)
	}
	const printVersion = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
	for _, python := range candidates {
		found, err := exec.Command(python, "-c", printVersion).Output()
		if err == nil && string(bytes.TrimSpace(found)) == version {
			return python, nil
		}
	}
	return "", fmt.Errorf("python %s is missing; install it: pyenv install %[1]s", version)
}
