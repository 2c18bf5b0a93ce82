package files

import (
	"strings"
	"testing"
	"unicode/utf16"

	"adtoorder/io/storage"
	"adtoorder/io/storage/storagetest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// utf16Of returns a text in UTF-16, the lower byte first, with a byte order mark.
func utf16Of(text string) string {
	stored := []byte("\xff\xfe")
	for _, c := range utf16.Encode([]rune(text)) {
		stored = append(stored, byte(c), byte(c>>8))
	}
	return string(stored)
}

// What can't be read, with what must be said of it.
func refused(t *testing.T) map[string]struct{ content, want string } {
	click := `{"Event":"P1"}` + "\n"
	return map[string]struct{ content, want string }{
		"utf16.jsonl": {utf16Of(click), "UTF-16 text: write it as UTF-8"},
		"utf16-bare":  {utf16Of(click)[2:], "UTF-16 text"},
		"utf16.csv":   {utf16Of("EventId;UserId\n")[2:], "UTF-16 text"},
		"utf16-be":    {"\xfe\xff\x00{\x00}", "UTF-16 text"},
		"utf32":       {"\xff\xfe\x00\x00{\x00\x00\x00", "UTF-32 text"},
		"a.zip":       {"PK\x03\x04\x14\x00", "a zip archive: unpack it"},
		"none.zip":    {"PK\x05\x06\x00", "a zip archive"},
		"a.xlsx":      {"PK\x03\x04\x14\x00..[Content_Types].xml", "an Excel file"},
		"a.xls":       {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file"},
		"a.xz":        {"\xfd7zXZ\x00\x00", "compressed by xz"},
		"a.orc":       {"ORC\x08", "an ORC file"},
		"a.sqlite":    {"SQLite format 3\x00", "a database of SQLite"},
		"a.tar":       {"clicks.jsonl" + strings.Repeat("\x00", 245) + "ustar", "a tar archive"},
		"a.tar.gz": {gzipped(t, "c"+strings.Repeat("\x00", 256)+"ustar"),
			"a tar archive: unpack it, and give the files in it (within gzip)"},
		"kpl":            {"\xf3\x89\x9a\xc2\n\x02pk", "an aggregated record of Kinesis"},
		"registry":       {"\x00\x00\x00\x00\x07" + click, "binary"},
		"utf16.jsonl.gz": {gzipped(t, utf16Of(click)), "UTF-16 text"},
		"twice.gz":       {gzipped(t, gzipped(t, click)), "compressed twice (gzip of gzip): uncompress it once"},
	}
}

func TestMatchRefusesWhatCantBeRead(t *testing.T) {
	for name, test := range refused(t) {
		t.Run(name, func(t *testing.T) {
			path := write(t, t.TempDir(), name, test.content)
			got, err := Match(t.Context(), []string{path})
			assert.ErrorIs(t, err, ErrUnreadable)
			assert.ErrorContains(t, err, path+" can't be read, since it is "+test.want)
			assert.Empty(t, got)
		})
	}
}

func TestMatchTellsCompressionByContent(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ content, want string }{
		"a.gz":      {gzipped(t, "a\n"), "gzip"},
		"A.GZ":      {gzipped(t, "a\n"), "gzip"},
		"PUT-S3-1":  {gzipped(t, "a\n"), "gzip"},
		"c.zstd":    {zstandard(t, "a\n"), "zstd"},
		"c":         {unhex(t, bzip2Lines), "bzip2"},
		"e":         {compressed(t, "lz4", "a\n"), "lz4"},
		"f":         {compressed(t, "snappy", "a\n"), "snappy"},
		"plain.gz":  {`{"Event":"P1"}`, ""},
		"latin.gz":  {"{\"Event\":\"caf\xe9\"}", ""},
		"empty.gz":  {"", ""},
		"cut":       {"\x1f", "gzip"},
		"broken.gz": {"\x1e\x8b\x08\x00", "gzip"},
		"BZ.jsonl":  {"BZ", ""},
		"P":         {"P", ""},
	} {
		got, err := Match(t.Context(), []string{write(t, dir, name, test.content)})
		require.NoError(t, err, name)
		assert.Equal(t, test.want, got[0].Compression, name)
	}
}

func TestMatchLooksAtObjects(t *testing.T) {
	for _, s := range storagetest.Serve(t) {
		put := func(name, content string) string {
			var st storage.Storage
			defer st.Close()
			path := s.URI + "/in/" + name
			require.NoError(t, st.Update(t.Context(), path, func([]byte) ([]byte, error) {
				return []byte(content), nil
			}))
			return path
		}
		put("a.jsonl", gzipped(t, "a\n"))
		put("b.gz", strings.Repeat("{}\n", summed))
		put("c.gz", "")
		got, err := Match(t.Context(), []string{s.URI + "/in/*"})
		require.NoError(t, err)
		var found []string
		for _, f := range got {
			found = append(found, strings.TrimPrefix(f.Path, s.URI+"/in/")+" "+f.Compression)
		}
		assert.Equal(t, []string{"a.jsonl gzip", "b.gz ", "c.gz "}, found)
		path := put("d.jsonl", "ORC\x15")
		_, err = Match(t.Context(), []string{s.URI + "/in/*"})
		assert.ErrorContains(t, err, path+" can't be read, since it is an ORC file")
	}
}

func TestMatchTellsFormats(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ content, want string }{
		"a.csv": {"a,b\n1,2\n", CSV}, "b": {"a;b\n1;2\n", CSV}, "c.csv": {`{"a":1}`, ""}, "d": {"a,b\n", ""},
		"e.jsonl": {"PAR1", Parquet}, "f": {"Obj\x01", Avro},
		"g.csv": {"ORCID,b\n1,2\n", CSV}, "h": {"ORC;b\r\n1;2", CSV},
	} {
		got, err := Match(t.Context(), []string{write(t, dir, name, test.content)})
		require.NoError(t, err, name)
		assert.Equal(t, test.want, got[0].Format, name)
		assert.Equal(t, test.want == "", len(got[0].Parts(2)) > 1, "%s may be cut", name)
	}
}

func TestMatchTellsWhatCantBeCut(t *testing.T) {
	dir := t.TempDir()
	click, rest := `{"Event":"P1"}`, strings.Repeat("\n{}", summed)
	for name, test := range map[string]struct {
		content string
		want    bool
	}{
		"lines":          {click + rest, false},
		"several a line": {click + click + rest, false},
		"array of lines": {"[\n" + click + "," + rest, false},
		"broken lines":   {"x\n{\"a\":[\n" + click + rest, false},
		"pretty":         {"{\n  \"Event\": \"P1\"\n}" + rest, true},
		"pretty, large":  {"{\n  \"Event\": \"" + strings.Repeat("x", summed) + "\"\n}" + rest, true},
		"one line":       {strings.Repeat(click, summed), true},
		"one short line": {click, false},
		"CR":             {strings.Repeat(click+"\r", summed), true},
		"nothing":        {"", false},
	} {
		got, err := Match(t.Context(), []string{write(t, dir, name, test.content)})
		require.NoError(t, err, name)
		assert.Equal(t, test.want, got[0].Spans, name)
	}
}
