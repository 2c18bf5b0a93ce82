package folder

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll("in/day", 0o755))
	for name, test := range map[string]struct {
		uri  string
		want Source
	}{
		"a glob":                      {"watch:/in/*.jsonl", Source{Pattern: "/in/*.jsonl"}},
		"a relative glob":             {"watch:in/*.jsonl", Source{Pattern: here + "/in/*.jsonl"}},
		"a glob here":                 {"watch:*.gz", Source{Pattern: here + "/*.gz"}},
		"a path that is not clean":    {"watch:./in//../in/*", Source{Pattern: here + "/in/*"}},
		"a glob of directories":       {"watch:/in/*/clicks-?.jsonl", Source{Pattern: "/in/*/clicks-?.jsonl"}},
		"a directory":                 {"watch:in", Source{Pattern: here + "/in/*"}},
		"a directory, slash":          {"watch:in/", Source{Pattern: here + "/in/*"}},
		"a missing directory":         {"watch:/in/gone/", Source{Pattern: "/in/gone/*"}},
		"the root":                    {"watch:/", Source{Pattern: "/*"}},
		"a file":                      {"watch:/in/a.jsonl", Source{Pattern: "/in/a.jsonl"}},
		"hidden directory":            {"watch:/.in/_day/*", Source{Pattern: "/.in/_day/*"}},
		"every":                       {"watch:/in/*?every=1m", Source{"/in/*", 60_000, 0}},
		"every hour":                  {"watch:/in/*?every=1h", Source{"/in/*", 3_600_000, 0}},
		"every, broken":               {"watch:/in/*?every=1m0.5s", Source{"/in/*", 60_500, 0}},
		"every 10 minutes":            {"watch:/in/*?every=10m", Source{"/in/*", 600_000, 0}},
		"every 0":                     {"watch:/in/*?every=0s", Source{Pattern: "/in/*"}},
		"every, directory":            {"watch:in?every=1500ms", Source{here + "/in/*", 1_500, 0}},
		"a question mark":             {"watch:/in/a?.jsonl", Source{Pattern: "/in/a?.jsonl"}},
		"a question mark and every":   {"watch:/in/a?.jsonl?every=1s", Source{"/in/a?.jsonl", 1_000, 0}},
		"a question mark and hive":    {"watch:/in/day?=1/*", Source{Pattern: "/in/day?=1/*"}},
		"a parameter in a directory":  {"watch:/in?every=1/*", Source{Pattern: "/in?every=1/*"}},
		"a bucket":                    {"watch:gs://ads", Source{Pattern: "gs://ads/*"}},
		"a bucket, slash":             {"watch:gs://ads/?every=1s", Source{"gs://ads/*", 1_000, 0}},
		"a bucket's directory":        {"watch:s3://ads/in/", Source{Pattern: "s3://ads/in/*"}},
		"a bucket's glob":             {"watch:s3://ads/in/*.gz?every=5m", Source{"s3://ads/in/*.gz", 300_000, 0}},
		"a bucket's recursive glob":   {"watch:gs://ads/in/**", Source{Pattern: "gs://ads/in/**"}},
		"a bucket's path stays as is": {"watch:gs://ads/in//x/*", Source{Pattern: "gs://ads/in//x/*"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(test.uri)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
			again, err := Parse(got.String())
			require.NoError(t, err)
			assert.Equal(t, got, again)
		})
	}
}

func TestStringIsTheURI(t *testing.T) {
	for _, uri := range []string{"watch:/in/*", "watch:/in/*?every=1m", "watch:/in/a?.gz?every=1h",
		"watch:gs://a/*?every=1h30m",
		"watch:s3://a/*?every=1h0m5s", "watch:/in/*?every=10s", "watch:/in/*?every=250ms", "watch:/in/*?every=20m"} {
		t.Run(uri, func(t *testing.T) {
			s, err := Parse(uri)
			require.NoError(t, err)
			assert.Equal(t, uri, s.String())
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for uri, want := range map[string]string{
		"/in/*":                           "does not begin with watch:",
		"kafka:/in/*":                     "does not begin with watch:",
		"watch:":                          "no directory is named",
		"watch:?every=1m":                 "no directory is named",
		"watch:/in/*?every=":              "every= is no duration of whole milliseconds, such as 1m",
		"watch:/in/*?every=60":            "every=60 is no duration",
		"watch:/in/*?every=-1s":           "every=-1s is no duration",
		"watch:/in/*?every=1us":           "every=1us is no duration",
		"watch:/in/*?every=%":             "invalid URL escape",
		"watch:/in/*?every=1m&every=2m":   "every is given twice",
		"watch:/in/*?evry=1m":             "unknown parameter evry: every is allowed",
		"watch:/in/*?every=1m&start=1":    "unknown parameter start: every is allowed",
		"watch:/in/*?start=1&every=1m":    "unknown parameter start: every is allowed",
		"watch:/in/[a":                    "[a is no glob",
		"watch:gs://ads/[a":               "[a is no glob",
		"watch:gs://":                     "no bucket is named",
		"watch:gs:///in/*":                "no bucket is named",
		"watch:s3://a*/in":                "no bucket is named",
		"watch:http://host/in/*":          "http:// is not known: a directory is local, gs://, s3:// or az://",
		"watch:/in/_*":                    `names that begin with "." or "_"`,
		"watch:/in/.a":                    "are never read",
		"watch:/in/*.tmp":                 "are never read",
		"watch:/in/*.part?every=1m":       "are never read",
		"watch:s3://ads/in/*/_done/*.csv": "are never read",
	} {
		t.Run(uri, func(t *testing.T) {
			_, err := Parse(uri)
			assert.ErrorContains(t, err, want)
			assert.ErrorContains(t, err, uri)
		})
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.jsonl", "a\n", 0)
	for uri, want := range map[string]string{
		dir:                     "",
		dir + "/*.gz":           "",
		dir + "/a.jsonl":        "",
		dir + "/*/gone/*":       "",
		dir + "/gone/":          "directory " + dir + "/gone does not exist: create it",
		dir + "/gone/*.gz":      "directory " + dir + "/gone does not exist: create it",
		dir + "/gone/*/*.jsonl": "directory " + dir + "/gone does not exist: create it",
		dir + "/gone":           dir + "/gone does not exist: create it",
		dir + "/a.jsonl/*":      dir + "/a.jsonl: not a directory",
	} {
		t.Run(strings.TrimPrefix(uri, dir), func(t *testing.T) {
			s, err := Parse("watch:" + uri)
			require.NoError(t, err)
			if err = s.Check(t.Context()); want == "" {
				assert.NoError(t, err, uri)
			} else {
				assert.ErrorContains(t, err, want, uri)
			}
		})
	}
}

// A folder of what can't be read is refused; one such file among others is not.
func TestCheckOfFormats(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.zip", "PK\x03\x04..", 0)
	drop(t, dir, "b.jsonl", "\xff\xfe{\x00}\x00", 0)
	s, err := Parse("watch:" + dir)
	require.NoError(t, err)
	assert.ErrorContains(t, s.Check(t.Context()), "can't be read, since it is ")
	drop(t, dir, "c.jsonl", "{}", 0)
	assert.NoError(t, s.Check(t.Context()))
}
