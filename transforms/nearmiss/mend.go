package nearmiss

import (
	"regexp"
	"strconv"
	"strings"
)

// mend returns the lines of a map that name a match.
func (m match) mend() (lines []string) {
	path := m.path
	if m.inLine {
		path = "line." + path
	} else if path == "line" || strings.HasPrefix(path, "line.") {
		path = "$." + path
	}
	if !m.exact {
		lines = append(lines, m.wanted.key+": "+quoted(path))
	}
	if m.value != "" {
		lines = append(lines, "types: "+quoted(m.value))
	}
	return lines
}

// bare is a text that YAML takes as it is, but for words with a meaning of their own.
var bare = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_.$-]*$`)

// quoted returns a text as YAML has it.
func quoted(text string) string {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return strconv.Quote(text)
	}
	if bare.MatchString(text) {
		return text
	}
	return strconv.Quote(text)
}

// step returns a name as a step of a path.
func step(name string) string {
	if name == "" || strings.ContainsAny(name, `.[]*"' `) || strings.HasPrefix(name, "=") {
		return `["` + name + `"]`
	}
	return name
}
