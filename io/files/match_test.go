package files

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// write writes a file and returns its path.
func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

func TestMatch(t *testing.T) {
	dir := t.TempDir()
	a := File{Path: write(t, dir, "a.jsonl", "1"), Size: 1}
	b := File{Path: write(t, dir, "b.jsonl", "22"), Size: 2}
	zipped := File{Path: write(t, dir, "c.jsonl.gz", "333"), Size: 3}
	empty := File{Path: write(t, dir, "d/empty.jsonl", ""), Size: 0}
	for name, test := range map[string]struct {
		patterns []string
		want     []File
	}{
		"a file":                    {[]string{"a.jsonl"}, []File{a}},
		"an empty file":             {[]string{"d/empty.jsonl"}, []File{empty}},
		"a glob":                    {[]string{"*.jsonl"}, []File{a, b}},
		"a glob over directories":   {[]string{"*/*.jsonl"}, []File{empty}},
		"sorted by path":            {[]string{"c.jsonl.gz", "b.jsonl", "a.jsonl"}, []File{a, b, zipped}},
		"globs that overlap":        {[]string{"*.jsonl", "[ab].*", "b.jsonl"}, []File{a, b}},
		"a file named twice":        {[]string{"a.jsonl", "a.jsonl"}, []File{a}},
		"a file under another name": {[]string{"a.jsonl", "d/../a.jsonl", "./a.jsonl"}, []File{a}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, p := range test.patterns {
				test.patterns[i] = dir + "/" + p
			}
			got, err := Match(context.Background(), test.patterns)
			require.NoError(t, err)
			assert.Equal(t, test.want, unsummed(got))
		})
	}
}

// A name that has commas is a list of files and globs, unless there is such a file.
func TestMatchOfLists(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.jsonl", "b.jsonl", "c,d.jsonl", "c", "data[1].jsonl", "data1.jsonl", "in/x/1",
		"in/x/y/2"} {
		write(t, dir, name, name)
	}
	t.Chdir(dir)
	for pattern, want := range map[string][]string{
		"a.jsonl,b.jsonl":         {"a.jsonl", "b.jsonl"},
		"a.jsonl,in/**":           {"a.jsonl", "in/x/1", "in/x/y/2"},
		"c,d.jsonl":               {"c,d.jsonl"},
		"c,*":                     {"c,d.jsonl"},
		"b.jsonl,c":               {"b.jsonl", "c"},
		"data[1].jsonl":           {"data[1].jsonl"},
		"data[1].jsonl,a.jsonl":   {"a.jsonl", "data[1].jsonl"},
		"data[0-9].jsonl":         {"data1.jsonl"},
		dir + "/a.jsonl,b.jsonl":  {"a.jsonl", "b.jsonl"},
		"in/**/2,[ab].jsonl,none": nil,
		"a.jsonl,,b.jsonl":        nil,
		"a.jsonl,gs://":           nil,
	} {
		t.Run(pattern, func(t *testing.T) {
			got, err := Match(context.Background(), []string{pattern})
			var names []string
			for _, f := range got {
				names = append(names, strings.TrimPrefix(f.Path, dir+"/"))
			}
			assert.Equal(t, want, names)
			assert.Equal(t, want == nil, err != nil, "%s: %v", pattern, err)
		})
	}
}

// Records would be missing, and nothing would tell.
func TestMatchRefusesAFolderThatCantBeRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1/clicks.jsonl", "1")
	require.NoError(t, os.Symlink(dir+"/2", dir+"/2"))
	_, err := Match(context.Background(), []string{dir + "/*/clicks.jsonl"})
	assert.ErrorContains(t, err, dir+"/2: too many levels of symbolic links")
}

func TestMatchMakesPathsAbsolute(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, dir, "a.jsonl", "1")
	here, err := os.Getwd()
	require.NoError(t, err)
	got, err := Match(context.Background(), []string{"a.*"})
	require.NoError(t, err)
	assert.Equal(t, []File{{Path: here + "/a.jsonl", Size: 1}}, unsummed(got))
}

func TestMatchRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jsonl", "1")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
	require.NoError(t, os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "dangling")))
	for name, test := range map[string]struct{ pattern, want string }{
		"an empty name":          {"", "no file is named"},
		"a missing file":         {dir + "/b.jsonl", dir + "/b.jsonl"},
		"a glob without a match": {dir + "/*.csv", "no file matches " + dir + "/*.csv"},
		"an empty folder":        {dir + "/sub", "no file matches " + dir + "/sub/*"},
		"a glob that meets one":  {dir + "/*", ""},
		"a glob that is none":    {dir + "/[", dir + "/["},
		"a link to nothing":      {dir + "/dangling", dir + "/dangling"},
		"a store nobody knows":   {"nosuch://bucket/a", "nosuch"},
		"below a file":           {dir + "/a.jsonl/b", dir + "/a.jsonl/b"},
		"a web server by http":   {"http://h/a", "http://h: anyone on the way"},
		"a password":             {"https://me:pa55@h/a", "https://h: must hold no password"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Match(context.Background(), []string{dir + "/a.jsonl", test.pattern})
			require.Error(t, err)
			assert.ErrorContains(t, err, test.want)
			assert.Empty(t, got)
		})
	}
}

func unsummed(files []File) (bare []File) {
	for _, f := range files {
		bare = append(bare, File{Path: f.Path, Size: f.Size})
	}
	return bare
}

func TestMatchTellsContentsApart(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.jsonl", "first")
	sum := func() uint32 {
		got, err := Match(context.Background(), []string{path})
		require.NoError(t, err)
		return got[0].Sum
	}
	first := sum()
	assert.Equal(t, first, sum())
	write(t, dir, "a.jsonl", "other")
	assert.NotEqual(t, first, sum(), "of the same name and size")
}
