package cluster

import (
	"bufio"
	"os"
	"strings"

	"adtoorder/pipelines/flink"
)

// LastCause is the innermost cause of what the cluster's JobManager has logged
// last; "" for nothing. Flink's REST interface does not tell it of checkpoints.
func LastCause(c flink.Cluster) string {
	return flink.RootCause(lastErrorLine(Process{c.Dir, jobManager}.Log()))
}

// lastError is the last error that a process has logged or printed.
func lastError(p Process) string {
	for _, file := range []string{p.Log(), p.Out()} {
		if text := lastErrorLine(file); text != "" {
			return text
		}
	}
	return "see " + p.Log()
}

func lastErrorLine(file string) (last string) {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.Contains(line, " ERROR ") || strings.HasPrefix(line, "Caused by: ") ||
			strings.Contains(line, "Exception: ") {
			last = strings.TrimSpace(line)
		}
	}
	return last
}
