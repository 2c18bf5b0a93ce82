package nearmiss

import (
	"slices"
	"strings"
	"unicode"
)

// plain returns a name without what its writing adds: case, underscores, dashes, blanks,
// and an s at its end.
func plain(name string) string {
	letters := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, name)
	if len(letters) > 3 {
		letters = strings.TrimSuffix(letters, "s")
	}
	return letters
}

// How close a name comes to a wanted one: less is closer. A synonym is as far as its place
// in the list.
const (
	same     = 0 // but for its writing
	misspelt = 1
	another  = 2
	far      = 1000
)

// closeness tells how close a plain name comes to a wanted one.
func (w wanted) closeness(name string) int {
	if name == w.plain {
		return same
	}
	if i := slices.Index(w.synonyms, name); i >= 0 {
		return another + i
	}
	if len(name) >= minMisspelt && isMisspelt(name, w.plain) {
		return misspelt
	}
	return far
}

// minMisspelt is how many letters a name has at least that one of them may be wrong.
const minMisspelt = 6

// isMisspelt reports whether one letter is missing in a text, is too much, or is another,
// or two are mixed up.
func isMisspelt(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	at := 0
	for at < len(a) && a[at] == b[at] {
		at++
	}
	switch len(b) - len(a) {
	case 1:
		return a[at:] == b[at+1:]
	case 0:
		restA, restB := a[at:], b[at:]
		return len(restA) > 0 && restA[1:] == restB[1:] ||
			len(restA) > 1 && restA[0] == restB[1] && restA[1] == restB[0] && restA[2:] == restB[2:]
	}
	return false
}

// isLikePromotion reports whether an EventType is another writing of Promotion, or says
// the same in other words.
func isLikePromotion(value string) bool {
	name := plain(value)
	return strings.Contains(name, "promo") && len(name) <= maxTypeName || slices.Contains(promotionTypes, name)
}

// maxTypeName is how long a plain name of a type is at most, so that a sentence about
// promotions is none.
const maxTypeName = 24

var promotionTypes = []string{"adclick", "adclicked", "clickad", "clickonad", "ad", "bannerclick", "bannerclicked",
	"campaignclick", "offerclick", "offerclicked", "couponclick"}
