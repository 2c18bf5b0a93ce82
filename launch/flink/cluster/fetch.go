// Package cluster runs a real standalone Flink on this machine, without Docker:
// a JobManager, TaskManagers, and Beam's job server in front of them.
package cluster

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"adtoorder/pipelines/flink"
)

// The versions of what is fetched. The files beside this one pin the rest, with
// checksums of all of it.
const (
	flinkVersion     = "1.19.3"
	jobServerVersion = "2.62.0"
)

var (
	//go:embed requirements.txt
	requirements []byte
	//go:embed pom.xml
	pom []byte
	//go:embed jars.sha256
	jars []byte
)

// software are the folders of jars that a cluster runs from.
type software struct{ flink, jobServer string }

// fetch fetches Flink with pip and Beam's job server with mvn, once, into the
// user's cache directory. It tells what it is doing.
func fetch(ctx context.Context, say func(string)) (s software, err error) {
	root, err := flink.Root()
	if err != nil {
		return s, err
	}
	s.flink, err = once(filepath.Join(root, "flink-"+flinkVersion), func(dir string) error {
		say("fetching Flink " + flinkVersion + " (230 MB)")
		return fetchFlink(ctx, dir)
	})
	if err != nil {
		return s, fmt.Errorf("fetching Flink: %w", err)
	}
	s.jobServer, err = once(filepath.Join(root, "job-server-"+jobServerVersion), func(dir string) error {
		say("fetching Beam's job server " + jobServerVersion + " (150 MB)")
		return fetchJobServer(ctx, dir)
	})
	if err != nil {
		return s, fmt.Errorf("fetching Beam's job server: %w", err)
	}
	return s, nil
}

// once has a folder filled, unless it is there already. It never stays half filled.
func once(dir string, fill func(dir string) error) (string, error) {
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	partial, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".partial-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(partial)
	if err := fill(partial); err != nil {
		return "", err
	}
	if err := os.Rename(partial, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return dir, nil
}

// fetchFlink fetches Flink's own jars, which PyPI has as a source archive.
func fetchFlink(ctx context.Context, dir string) error {
	pins := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(pins, requirements, 0o644); err != nil {
		return err
	}
	err := fill(ctx, dir, "python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
		"--no-binary=:all:", "--require-hashes", "-r", pins, "-d", dir)
	if err != nil {
		return err
	}
	archive := "apache-flink-libraries-" + flinkVersion
	if err := fill(ctx, dir, "tar", "-xzf", filepath.Join(dir, archive+".tar.gz"), "-C", dir, "--strip-components=3", archive+"/deps/lib"); err != nil {
		return err
	}
	return os.Remove(filepath.Join(dir, archive+".tar.gz"))
}

// fetchJobServer fetches Beam's job server and all that it depends on.
func fetchJobServer(ctx context.Context, dir string) error {
	project := filepath.Join(dir, "pom.xml")
	if err := os.WriteFile(project, pom, 0o644); err != nil {
		return err
	}
	err := fill(ctx, dir, "mvn", "--quiet", "--batch-mode", "--strict-checksums", "-f", project,
		"dependency:copy-dependencies", "-DoutputDirectory="+dir)
	if err != nil {
		return err
	}
	return verify(dir, jars)
}

// verify compares files with their checksums, as sha256sum prints them.
func verify(dir string, sums []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(sums))
	for lines.Scan() {
		want, name, _ := strings.Cut(lines.Text(), "  ")
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("checking what was fetched: %w", err)
		}
		sum := sha256.New()
		_, err = io.Copy(sum, f)
		f.Close()
		if err != nil {
			return fmt.Errorf("checking %s: %w", name, err)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != want {
			return fmt.Errorf("%s is not the file that was pinned: its SHA-256 is %s, want %s", name, got, want)
		}
	}
	return lines.Err()
}

// packages are the Debian packages of programs that fetching and running need.
var packages = map[string]string{"python3": "python3-pip python3-venv", "mvn": "maven", "java": "openjdk-17-jre-headless", "tar": "tar", "ps": "procps"}

// missing says how to install a program that is not there.
func missing(program string) error {
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("%s is missing; install it: apt-get install -y %s", program, packages[program])
	}
	return nil
}

// fill runs a program that fills a folder.
func fill(ctx context.Context, dir, program string, args ...string) error {
	if err := missing(program); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(text))
	}
	return nil
}

// Jars returns the folder of Flink's own jars. They must have been fetched.
func Jars() (string, error) {
	have, err := fetch(context.Background(), func(string) {})
	return have.flink, err
}
