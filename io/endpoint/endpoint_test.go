package endpoint

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHide(t *testing.T) {
	for uri, want := range map[string]string{
		"":                                  "",
		"out/a@b?.jsonl":                    "out/a@b?.jsonl",
		"kafka://h:1/t":                     "kafka://h:1/t",
		"kafka://u:secret@h:1/t":            "kafka://…@h:1/t",
		"kafka:u:secret@h:1/t":              "kafka:…@h:1/t",
		"kafka://u:se?cr@et@h:1/t?x=secret": "kafka:…",
		"pubsub://p/s?token=secret":         "pubsub://p/s?…",
		"pubsub://p/s?token=sec@ret":        "pubsub:…",
		"kafka://u:secret@h:1/t?x=secret":   "kafka://…@h:1/t?…",
	} {
		t.Run(uri, func(t *testing.T) {
			assert.Equal(t, want, Hide(uri))
		})
	}
}

func TestIsURL(t *testing.T) {
	for text, want := range map[string]bool{"http://h": true, "https://h:1/p/": true, "h:1": false,
		"http://u:p@h": false, "ftp://h": false, "http://h?a=b": false, "http://h#f": false, "http://": false} {
		t.Run(text, func(t *testing.T) {
			assert.Equal(t, want, IsURL(text))
		})
	}
}
