// Package endpoint tells what may stand in for a service of a cloud.
package endpoint

import "net/url"

// IsURL tells whether a text is http[s]://HOST[:PORT], maybe with a path, and
// without credentials.
func IsURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == ""
}
