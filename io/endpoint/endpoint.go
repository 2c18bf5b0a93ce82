// Package endpoint says which URL may replace a service of a cloud, such as an
// emulator's, and shows URIs without what may be a secret. Connectors, warehouses and
// programs use it to check and to print what they are given.
package endpoint

import (
	"net/url"
	"strings"
)

// IsURL reports whether a text is http[s]://HOST[:PORT], maybe with a path, and
// without credentials.
func IsURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// Hide returns a URI that can't be used, for a message: without what may be a password
// in it, which is all from the scheme to the last @, and the parameters.
func Hide(uri string) string {
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok {
		return uri
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		if strings.Contains(rest[:at], "?") {
			return scheme + ":…" // a password with a question mark, or parameters with an @
		}
		slashes := ""
		if strings.HasPrefix(rest, "//") {
			slashes = "//"
		}
		rest = slashes + "…@" + rest[at+1:]
	}
	if before, _, cut := strings.Cut(rest, "?"); cut {
		rest = before + "?…"
	}
	return scheme + ":" + rest
}
