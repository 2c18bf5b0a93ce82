package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// path says where a value stands: the steps to it, from the record, the part of it that
// within names, or an order's line.
type path struct {
	from   origin
	steps  []step
	dotted string // the text, if it is names and dots only: a column may be called so
}

// origin is where a path begins.
type origin uint8

const (
	fromPart  origin = iota // the record, or the part of it that within names
	fromWhole               // "$": the whole record
	fromLine                // "line": an order's line
)

// step goes from a value to one below it.
type step struct {
	kind  stepKind
	name  string   // of a field
	parts []string // of a field's name, between stars
	index int
	value string // of the field called name, in the element that is meant
}

type stepKind uint8

const (
	field   stepKind = iota // name
	glob                    // na*me, * for any
	index                   // [0]
	element                 // [*]: the first element that has the rest
	keyed                   // [name=value]: the first element that has that field
)

// parsePath reads a path.
func parsePath(text string) (p path, err error) {
	rest := text
	for prefix, from := range map[string]origin{"$": fromWhole, "line": fromLine} {
		if after, ok := strings.CutPrefix(text, prefix); ok && (after == "" || after[0] == '.' || after[0] == '[') {
			p.from, rest = from, after
		}
	}
	if p.from == fromPart {
		if !strings.HasPrefix(text, "[") {
			rest = "." + text
		}
		if !strings.ContainsAny(text, "[*") {
			p.dotted = text
		}
	}
	for rest != "" {
		var s step
		if s, rest, err = nextStep(rest); err != nil {
			return p, fmt.Errorf("the path %q %w", text, err)
		}
		p.steps = append(p.steps, s)
	}
	return p, nil
}

// nextStep reads the step that a text begins with.
func nextStep(text string) (s step, rest string, err error) {
	if text[0] == '[' {
		return bracketed(text)
	}
	if text[0] != '.' {
		return s, "", fmt.Errorf("has %q behind a bracket; write a dot between", text)
	}
	name := text[1:]
	if end := strings.IndexAny(name, ".["); end >= 0 {
		name = name[:end]
	}
	if strings.TrimSpace(name) == "" || strings.Contains(name, "]") {
		return s, "", errors.New(`has an empty name, or half a bracket; write names with dots between, such as ` +
			`properties.items[0].id, and a name that has dots or brackets as ["a.b"]`)
	}
	rest = text[1+len(name):]
	if strings.Contains(name, "*") {
		return step{kind: glob, parts: strings.Split(name, "*")}, rest, nil
	}
	return step{kind: field, name: name}, rest, nil
}

// bracketed reads a step in brackets.
func bracketed(text string) (s step, rest string, err error) {
	inside, rest, ok := cutBracket(text[1:])
	if !ok {
		return s, "", errors.New("has a bracket that does not end")
	}
	if name, quoted := unquote(inside); quoted {
		return step{kind: field, name: name}, rest, nil
	}
	if inside == "*" {
		return step{kind: element}, rest, nil
	}
	if name, value, ok := strings.Cut(inside, "="); ok && name != "" {
		if plain, quoted := unquote(value); quoted {
			value = plain
		}
		return step{kind: keyed, name: name, value: value}, rest, nil
	}
	n, err := strconv.Atoi(inside)
	if err != nil || n < 0 {
		return s, "", fmt.Errorf(`has [%s]; must be an index from 0, *, a field and its value as in [key=coupon], or a `+
			`name in quotes`, inside)
	}
	return step{kind: index, index: n}, rest, nil
}

// cutBracket splits a text at the first closing bracket that is not in quotes.
func cutBracket(text string) (inside, rest string, ok bool) {
	quote := byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == ']':
			return text[:i], text[i+1:], true
		}
	}
	return "", "", false
}

// unquote takes the quotes off a text that has some.
func unquote(text string) (plain string, quoted bool) {
	if len(text) < 3 || text[0] != '"' && text[0] != '\'' || text[len(text)-1] != text[0] {
		return text, false
	}
	return text[1 : len(text)-1], true
}

// fits reports whether a field's name has the parts between stars.
func (s *step) fits(name []byte) bool {
	first, last := s.parts[0], s.parts[len(s.parts)-1]
	if len(name) < len(first)+len(last) || string(name[:len(first)]) != first ||
		string(name[len(name)-len(last):]) != last {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range s.parts[1 : len(s.parts)-1] {
		at := bytes.Index(name, []byte(part))
		if at < 0 {
			return false
		}
		name = name[at+len(part):]
	}
	return true
}
