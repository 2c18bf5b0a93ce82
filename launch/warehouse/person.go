package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// holds reports whether a payload holds a person's id. In JSON that is a value or a name,
// at any depth, that equals the id, as a text or a number, also in JSON within a text. In
// all other text the id stands as a word: not within a longer one.
func holds(payload []byte, id string) bool {
	tokens := json.NewDecoder(bytes.NewReader(payload))
	tokens.UseNumber() // as they are spelled
	for {
		token, err := tokens.Token()
		switch {
		case errors.Is(err, io.EOF):
			return false
		case err != nil:
			return hasWord(payload, []byte(id))
		}
		switch v := token.(type) {
		case string:
			if v == id || isJSON(v) && holds([]byte(v), id) {
				return true
			}
		case json.Number:
			if v.String() == id {
				return true
			}
		}
	}
}

// isJSON reports whether a text looks like an object or an array.
func isJSON(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}

// hasWord reports whether a word stands in a text, with neither letter nor digit beside it.
func hasWord(text, word []byte) bool {
	for from := 0; ; from++ {
		i := bytes.Index(text[from:], word)
		if i < 0 {
			return false
		}
		from += i
		before, _ := utf8.DecodeLastRune(text[:from])
		after, _ := utf8.DecodeRune(text[from+len(word):])
		if !isOfWord(before) && !isOfWord(after) {
			return true
		}
	}
}

func isOfWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
