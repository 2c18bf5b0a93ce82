package folder

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	lines "adtoorder/io/files"
	"adtoorder/io/storage"
)

// query finds parameters behind a path. A question mark alone is a part of the glob.
var query = regexp.MustCompile(`^(.*)\?([A-Za-z_]+=[^/?]*)$`)

// Parse reads watch:DIR/GLOB, for a local directory or one in gs://, s3:// or az://,
// with ?every= as a Go duration. DIR alone, there already or with a slash at its end,
// stands for all files in it.
func Parse(uri string) (Source, error) {
	rest, ok := strings.CutPrefix(uri, "watch:")
	if !ok {
		return Source{}, fmt.Errorf("%s does not begin with watch:", uri)
	}
	var s Source
	var err error
	if found := query.FindStringSubmatch(rest); found != nil {
		rest = found[1]
		s.EveryMillis, err = parseEvery(found[2])
	}
	if err == nil {
		s.Pattern, err = parsePattern(rest)
	}
	if err != nil {
		return Source{}, fmt.Errorf("%s: %w", uri, err)
	}
	return s, nil
}

func parseEvery(text string) (int64, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return 0, err
	}
	for name := range values {
		if name != "every" {
			return 0, fmt.Errorf("unknown parameter %s: every is allowed", name)
		}
	}
	if len(values["every"]) != 1 {
		return 0, errors.New("every is given twice")
	}
	every, err := time.ParseDuration(values.Get("every"))
	if err != nil || every < 0 || every%time.Millisecond != 0 {
		return 0, fmt.Errorf("every=%s is no duration of whole milliseconds, such as 1m", values.Get("every"))
	}
	return every.Milliseconds(), nil
}

// parsePattern makes a pattern absolute, and of a directory the pattern of its files.
func parsePattern(pattern string) (_ string, err error) {
	scheme, rest, inBucket := strings.Cut(pattern, "://")
	bucket, object, _ := strings.Cut(rest, "/")
	switch {
	case pattern == "":
		return "", errors.New("no directory is named")
	case !inBucket:
		if pattern, err = absolute(pattern); err != nil {
			return "", err
		}
	case !slices.Contains(storage.Schemes(), scheme):
		return "", fmt.Errorf("%s:// is not known: a directory is local, gs://, s3:// or az://", scheme)
	case bucket == "" || strings.ContainsAny(bucket, storage.Special):
		return "", errors.New("no bucket is named")
	case object == "" || strings.HasSuffix(object, "/"):
		pattern = scheme + "://" + bucket + "/" + object + "*"
	}
	_, glob := storage.Split(pattern)
	if err := storage.CheckGlob(glob); err != nil {
		return "", err
	}
	if lines.Hidden(glob) {
		return "", errors.New(`names that begin with "." or "_", or end in ".tmp" or ".part", are never read`)
	}
	return pattern, nil
}

func absolute(pattern string) (string, error) {
	info, err := os.Stat(pattern)
	directory := strings.HasSuffix(pattern, "/") || err == nil && info.IsDir()
	if pattern, err = filepath.Abs(pattern); err != nil {
		return "", err
	}
	if directory {
		pattern = filepath.Join(storage.Quote(pattern), "*")
	}
	return pattern, nil
}
