package framing

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDescribe(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "nothing",
		"{\"a\":1}":                            "an object a line",
		"{\"a\":1}\n{\"a\":2}\n":               "an object a line",
		"{\"a\":1}\r\n\n {\"a\":2}\r\n":        "an object a line",
		"\ufeff{\"a\":1}\n{\"a\":2}":           "an object a line, behind a byte order mark",
		"{\"a\":1}\r{\"a\":2}\r":               "an object a line, ended by CR alone",
		"{\"a\":1}{\"a\":2} {\"a\":3}":         "several objects on a line",
		"[{\"a\":1},{\"a\":2}]":                "an array of objects",
		"[\n{\"a\":1},\n{\"a\":2}\n]":          "an array of objects",
		"[{\"a\":1}]":                          "an array of objects",
		"{\n\"a\":1}\n{\n\"a\":2}\n":           "objects over several lines",
		"{\n\"a\":1}":                          "objects over several lines",
		"\x1e{\"a\":1}\n\x1e{\"a\":2}\n":       "objects behind record separators (RFC 7464)",
		"\"{\\\"a\\\":1}\"\n\"{\\\"a\\\":1}\"": "objects within JSON texts",
	} {
		assert.Equal(t, want, Describe([]byte(text)), "%q", text)
	}
}

func TestTheStartIsReadAllTheSame(t *testing.T) {
	r := NewReader(bytes.NewReader([]byte("{\"a\":1}\n{\"a\":2}")), 0)
	assert.Equal(t, "{\"a\":1}\n{\"a\":2}", string(r.Start()))
	assert.Len(t, r.Next(nil), 2)
}
