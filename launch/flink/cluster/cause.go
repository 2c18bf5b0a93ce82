package cluster

import (
	"bufio"
	"os"
	"regexp"
	"strings"

	"adtoorder/pipelines/flink"
)

// RootCause is the innermost cause of a Java stack trace, without its classes:
// what failed. Around it Flink and Beam describe how they came there.
func RootCause(trace string) string {
	lines := strings.Split(trace, "\n")
	first := 0
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "Caused by:") {
			first = i
		}
	}
	var cause []string
	for _, line := range lines[first:] {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "at ") || strings.HasPrefix(line, "... ") || strings.HasPrefix(line, "Suppressed:") {
			break
		}
		cause = append(cause, line)
	}
	text := strings.TrimPrefix(strings.Join(cause, " "), "Caused by: ")
	if class := exceptionClass.FindString(text); class != "" && len(class) < len(text) {
		text = text[len(class):]
	}
	// The Go SDK wraps what a DoFn returned in its own frames.
	if i := strings.LastIndex(text, "caused by: "); i >= 0 {
		text = text[i+len("caused by: "):]
	}
	return strings.TrimSpace(text)
}

// exceptionClass is the class that stands in front of an exception's message.
var exceptionClass = regexp.MustCompile(`^([a-z][\w$]*\.)+[A-Z][\w$]*: `)

// LastCause is the innermost cause of what the cluster's JobManager has logged
// last; "" for nothing. Flink's REST interface does not tell it of checkpoints.
func LastCause(c flink.Cluster) string {
	return RootCause(lastErrorLine(process{c.Dir, jobManager}.log()))
}

// lastError is the last error that a process has logged or printed.
func lastError(p process) string {
	for _, file := range []string{p.log(), p.out()} {
		if text := lastErrorLine(file); text != "" {
			return text
		}
	}
	return "see " + p.log()
}

func lastErrorLine(file string) (last string) {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.Contains(line, " ERROR ") || strings.HasPrefix(line, "Caused by: ") || strings.Contains(line, "Exception: ") {
			last = strings.TrimSpace(line)
		}
	}
	return last
}
