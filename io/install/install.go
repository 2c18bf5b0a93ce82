// Package install fetches what programs and tests start that is not written in Go:
// jars with mvn, Python packages with pip, Node.js packages with npm. Each goes once
// into a folder of its own in the user's cache directory.
package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// Dir returns the folder of a name in the user's cache directory. Where it is not
// there, fill fills another one, which is renamed when it is done: so it is never half
// filled, and nothing in it may name the folder. Where several processes install the
// same at once, the first one's folder stays.
func Dir(name string, fill func(dir string) error) (dir string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a place for %s: %w", name, err)
	}
	dir = filepath.Join(cache, "adtoorder", name)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "install-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	if err := fill(fresh); err != nil {
		return "", fmt.Errorf("installing %s: %w", name, err)
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return dir, nil
}

// debian has the Debian packages of programs that installing and running need.
var debian = map[string]string{
	"java":    "openjdk-17-jre-headless",
	"javac":   "openjdk-17-jdk-headless",
	"mvn":     "maven",
	"node":    "nodejs",
	"npm":     "npm",
	"ps":      "procps",
	"python3": "python3 python3-pip python3-venv",
	"tar":     "tar",
}

// Need returns an error that says how to install the first program that is missing.
func Need(programs ...string) error {
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is missing; install it: apt-get install -y %s", program, debian[program])
		}
	}
	return nil
}
