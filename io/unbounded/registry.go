package unbounded

import (
	"fmt"
	"slices"
	"strings"
)

// schemes are the kinds of sources that this program knows.
var schemes = map[string]scheme{}

type scheme struct {
	example string
	open    func(uri string) (Source, error)
}

// Register registers a kind of source by what its URIs begin with, such as
// "kafka:", an example for messages, such as "kafka://", and what reads a URI. It is
// called in a connector's init.
func Register[S Source](prefix, example string, parse func(uri string) (S, error)) {
	schemes[prefix] = scheme{example, func(uri string) (Source, error) {
		s, err := parse(uri)
		if err != nil {
			return nil, err // and no Source that holds half of one
		}
		return s, nil
	}}
}

// Is reports whether a text is meant as the URI of an unbounded source.
func Is(uri string) bool {
	_, ok := lookup(uri)
	return ok
}

// Open returns the source of a URI. Nothing is connected yet. Its errors say how the
// URI must look, and repeat nothing that may be a secret.
func Open(uri string) (Source, error) {
	s, ok := lookup(uri)
	if !ok {
		return nil, fmt.Errorf("must begin with one of %s", strings.Join(Schemes(), ", "))
	}
	return s.open(uri)
}

func lookup(uri string) (scheme, bool) {
	prefix, _, ok := strings.Cut(uri, ":")
	s, known := schemes[prefix+":"]
	return s, ok && known
}

// Schemes returns what the URIs of registered sources look like, in alphabetical order.
func Schemes() (all []string) {
	for _, s := range schemes {
		all = append(all, s.example)
	}
	slices.Sort(all)
	return all
}
