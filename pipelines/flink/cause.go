package flink

import (
	"regexp"
	"strings"
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
