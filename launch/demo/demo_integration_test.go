//go:build integration

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var strict = flag.Bool("strict", false, "hold the demo to its times, on a machine that does nothing else")

// waitLimit bounds what is waited for, on a machine that is busy with others.
const waitLimit = 5 * time.Minute

// The page is full within 30 s of the build, and moves; when the demo is interrupted
// nothing is left running.
func TestDemo(t *testing.T) {
	program := filepath.Join(t.TempDir(), "demo")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	dir := filepath.Join(t.TempDir(), "out")
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	require.NoError(t, err)
	defer said.Close()
	demo := exec.Command(program, "--dir="+dir, "--listen=localhost:0")
	demo.Stdout, demo.Stderr = said, said
	require.NoError(t, demo.Start())
	defer demo.Process.Kill()
	var address string
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(said.Name())
		address = regexp.MustCompile(`http://localhost:\d+`).FindString(string(text))
		return err == nil && address != ""
	}, 3*waitLimit, 100*time.Millisecond, "the programs are built and the page is up")
	up := time.Now()
	full := func() bool { return len(report(t, address).Periods) >= evenings }
	require.Eventually(t, full, waitLimit, 200*time.Millisecond, "the evenings are there")
	t.Logf("full %v after the page was up", time.Since(up).Round(time.Millisecond))
	if *strict {
		assert.Less(t, time.Since(up), 30*time.Second)
	}
	before := report(t, address).Total.Clicks
	moved := func() bool {
		now := report(t, address)
		return now.Total.Clicks > before+20 && now.Freshness.Coming
	}
	require.Eventually(t, moved, waitLimit, 200*time.Millisecond, "it moves")

	require.NoError(t, demo.Process.Signal(os.Interrupt))
	err = demo.Wait()
	told, _ := os.ReadFile(said.Name())
	assert.NoError(t, err, "%s", told)
	left, _ := exec.Command("pgrep", "-f", dir).Output()
	assert.Empty(t, string(left), "processes are left")
	log, err := os.ReadFile(filepath.Join(dir, "conversions.log"))
	require.NoError(t, err)
	assert.Contains(t, string(log), "Ledger (records):", "the engine has ended by itself, and its books balance")
}

// If a part ends by itself, the demo says which and why, and ends the others.
func TestDemoEndsWithItsParts(t *testing.T) {
	program := filepath.Join(t.TempDir(), "demo")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	dir := filepath.Join(t.TempDir(), "out")
	demo := exec.Command(program, "--dir="+dir, "--listen=localhost:0")
	var said strings.Builder
	demo.Stderr = &said
	require.NoError(t, demo.Start())
	defer demo.Process.Kill()
	engine := ""
	require.Eventually(t, func() bool {
		found, _ := exec.Command("pgrep", "-f", dir+"/bin/conversions").Output()
		engine = strings.TrimSpace(string(found))
		return engine != ""
	}, 3*waitLimit, 100*time.Millisecond)
	var pid int
	_, err = fmt.Sscan(engine, &pid)
	require.NoError(t, err)
	time.Sleep(time.Second)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	assert.Error(t, demo.Wait())
	assert.Contains(t, said.String(), "demo: conversions has ended (signal: killed)")
	left, _ := exec.Command("pgrep", "-f", dir).Output()
	assert.Empty(t, string(left), "processes are left")
}

// summary is what this test looks at of the page's numbers.
type summary struct {
	Periods   []struct{ From string }
	Total     struct{ Clicks int64 }
	Freshness struct{ Coming bool }
}

func report(t *testing.T, address string) (s summary) {
	got, err := http.Get(address + "/api/report")
	require.NoError(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	if got.StatusCode == http.StatusOK {
		require.NoError(t, json.Unmarshal(text, &s))
	}
	return s
}
