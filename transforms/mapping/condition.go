package mapping

import (
	"regexp"

	"github.com/valyala/fastjson"
)

// condition is one that a value at a path has to meet: to be one of some texts, to match,
// or to be there.
type condition struct {
	path    path
	in      []string
	matches *regexp.Regexp
	present bool
	negated bool
}

// exclusion leaves out records that meet all conditions of one of some lists.
type exclusion struct {
	reason string
	any    [][]condition
}

func contains(texts []string, text []byte) bool {
	for _, t := range texts {
		if t == string(text) {
			return true
		}
	}
	return false
}

// accepts reports whether a value meets a condition, its negation aside.
func (c *condition) accepts(r *Reader, v *fastjson.Value) bool {
	if c.present {
		return r.Map.accepts(r, v)
	}
	text := r.Text(v)
	if c.matches != nil {
		return text != nil && c.matches.Match(text)
	}
	return text != nil && contains(c.in, text)
}

// IsMeant reports whether a record is one of those that the map is for.
func (r *Reader) IsMeant() bool {
	if r.types != nil && !contains(r.types, r.Text(r.Find(r.Map.Type, nil))) {
		return false
	}
	return len(r.where) == 0 || r.anyHolds(r.where)
}

// Excluded returns why a record is left out, "" where it is not.
func (r *Reader) Excluded() (reason string) {
	for i := range r.exclude {
		if r.anyHolds(r.exclude[i].any) {
			return r.exclude[i].reason
		}
	}
	return ""
}

func (r *Reader) anyHolds(any [][]condition) bool {
	for _, all := range any {
		if r.allHold(all) {
			return true
		}
	}
	return false
}

func (r *Reader) allHold(all []condition) bool {
	for i := range all {
		c := &all[i]
		if (r.find(&c.path, nil, c) != nil) == c.negated {
			return false
		}
	}
	return true
}
