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
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"adtoorder/io/install"
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
	s.flink, err = install.Dir("flink/flink-"+flinkVersion, func(dir string) error {
		say("fetching Flink " + flinkVersion + " (230 MB)")
		return fetchFlink(ctx, dir)
	})
	if err != nil {
		return s, err
	}
	s.jobServer, err = install.Dir("flink/job-server-"+jobServerVersion, func(dir string) error {
		say("fetching Beam's job server " + jobServerVersion + " (150 MB)")
		return fetchJobServer(ctx, dir)
	})
	return s, err
}

// fetchFlink fetches Flink's own jars, which PyPI has as a source archive.
func fetchFlink(ctx context.Context, dir string) error {
	if err := install.Need("python3", "tar"); err != nil {
		return err
	}
	pins := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(pins, requirements, 0o644); err != nil {
		return err
	}
	fetching := exec.CommandContext(ctx, "python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
		"--no-deps", "--no-binary=:all:", "--require-hashes", "-r", pins, "-d", dir)
	fetching.Env = append(os.Environ(), "TMPDIR="+dir)
	if err := install.Run(fetching); err != nil {
		return err
	}
	archive := "apache-flink-libraries-" + flinkVersion
	file := filepath.Join(dir, archive+".tar.gz")
	err := install.Run(exec.CommandContext(ctx, "tar", "-xzf", file, "-C", dir, "--strip-components=3",
		archive+"/deps/lib"))
	if err != nil {
		return err
	}
	return os.Remove(file)
}

// fetchJobServer fetches Beam's job server and all that it depends on.
func fetchJobServer(ctx context.Context, dir string) error {
	if err := install.Jars(ctx, dir, pom); err != nil {
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

// Jars returns the folder of Flink's own jars. They must have been fetched.
func Jars() (string, error) {
	have, err := fetch(context.Background(), func(string) {})
	return have.flink, err
}
