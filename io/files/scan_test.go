package files

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"adtoorder/io/record"
	"adtoorder/io/storage"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gzipped returns a gzip file with a member for each text.
func gzipped(t *testing.T, texts ...string) string {
	t.Helper()
	var file bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&file)
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return file.String()
}

// scan returns a file's records.
func scan(t *testing.T, f File) (all []record.Record, err error) {
	t.Helper()
	for batch, err := range Scan(context.Background(), new(storage.Storage), f) {
		if err != nil {
			return all, err
		}
		require.NotEmpty(t, batch)
		all = append(all, batch...)
	}
	return all, nil
}

// each returns a file's records.
func each(t *testing.T, path string) (all []record.Record) {
	t.Helper()
	all, err := scan(t, File{Path: path})
	require.NoError(t, err)
	return all
}

func TestScan(t *testing.T) {
	for name, test := range map[string]struct {
		file, content string
		want          []string
	}{
		"plain":                       {"a.jsonl", "a\r\n\nbc", []string{"0+1 a", "4+2 bc"}},
		"plain, empty":                {"a.jsonl", "", nil},
		"gzip":                        {"a.gz", gzipped(t, "a\r\n\nbc"), []string{"0+1 a", "4+2 bc"}},
		"gzip of nothing":             {"a.gz", gzipped(t, ""), nil},
		"gzip of members":             {"a.gz", gzipped(t, "a\n", "b\n", "", "c"), []string{"0+1 a", "2+1 b", "4+1 c"}},
		"gzip, a line in two members": {"a.gz", gzipped(t, "a\nbb", "bb\nc\n"), []string{"0+1 a", "2+4 bbbb", "7+1 c"}},
		"gzip, empty file":            {"a.gz", "", nil},
		"gzip without its extension":  {"a.jsonl", gzipped(t, "a\r\n\nbc"), []string{"0+1 a", "4+2 bc"}},
		"gzip, cut behind its magic":  {"a.jsonl", "\x1f\x8b", []string{"0+0 corrupt_gzip"}},
		"gzip, cut within its magic":  {"a.jsonl", "\x1f", []string{"0+0 corrupt_gzip"}},
		"plain, named gzip":           {"a.gz", "a\r\n\nbc", []string{"0+1 a", "4+2 bc"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, t.TempDir(), test.file, test.content)
			var got []string
			for _, r := range each(t, path) {
				assert.Equal(t, path, r.Source)
				assert.Zero(t, r.Watermark)
				got = append(got, describe(r))
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// numbered returns n lines of different lengths.
func numbered(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "%d-%s\n", i, strings.Repeat("x", i*i%83))
	}
	return text.String()
}

// flushed returns a gzip file of two halves, and where the second begins.
func flushed(t *testing.T, first, second string) (file string, half int) {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(first))
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	half = out.Len()
	_, err = w.Write([]byte(second))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String(), half
}

// checkDamaged checks that a file gives all lines of a text up to some point, at
// least n lines, then one damaged record that holds what is left.
func checkDamaged(t *testing.T, file, text string, n int) {
	t.Helper()
	got := each(t, write(t, t.TempDir(), "a.gz", file))
	require.NotEmpty(t, got)
	last := got[len(got)-1]
	require.Equal(t, "corrupt_gzip", last.Damage)
	offset := int64(0)
	for i, r := range got[:len(got)-1] {
		line, rest, _ := strings.Cut(text, "\n")
		require.Empty(t, r.Damage, "record %d", i)
		require.Equal(t, line, string(r.Payload))
		require.Equal(t, offset, r.Offset)
		text, offset = rest, offset+int64(len(line)+1)
	}
	require.GreaterOrEqual(t, len(got)-1, n, "lines before the damage are lost")
	require.Equal(t, offset, last.Offset)
	require.EqualValues(t, len(last.Payload), last.Size)
	require.True(t, strings.HasPrefix(text, string(last.Payload)), "the rest was cut behind a line's end")
	require.NotContains(t, string(last.Payload), "\n")
}

func TestTruncatedGzipGivesOneDamagedRecord(t *testing.T) {
	text := numbered(200)
	file, half := flushed(t, text, numbered(100))
	for end := 1; end < len(file); end++ {
		lines := 0
		if end >= half {
			lines = 200
		}
		checkDamaged(t, file[:end], text+numbered(100), lines)
	}
}

func TestCorruptGzipGivesOneDamagedRecord(t *testing.T) {
	text := numbered(200)
	file, half := flushed(t, text, "a\nb\n")
	corrupt := func(at int, with byte) string { return file[:at] + string([]byte{file[at] ^ with}) + file[at+1:] }
	checkDamaged(t, corrupt(0, 1), "", 0)                        // header
	checkDamaged(t, corrupt(half, 6), text, 200)                 // type of the second block
	checkDamaged(t, corrupt(len(file)-5, 1), text+"a\nb\n", 202) // size
	checkDamaged(t, corrupt(len(file)-8, 1), text+"a\nb\n", 202) // checksum
	checkDamaged(t, file+"garbage", text+"a\nb\n", 202)          // what follows is no member
	checkDamaged(t, file+gzipped(t, text)[:20], text+"a\nb\n", 202)
}

func TestDamagedRecordKeepsTheStartOfALongLine(t *testing.T) {
	for _, size := range []int{record.MaxKept + 1, record.MaxSize, 3 * record.MaxSize} {
		file, half := flushed(t, "first\n"+strings.Repeat("x", size), "\nlast\n")
		got := each(t, write(t, t.TempDir(), "a.gz", file[:half]))
		require.GreaterOrEqual(t, len(got), 2)
		assert.Equal(t, "first", string(got[0].Payload))
		assert.Equal(t, record.MaxKept, len(got[1].Payload))
		assert.EqualValues(t, size, got[1].Size)
		assert.EqualValues(t, 6, got[1].Offset)
		assert.Equal(t, "corrupt_gzip", got[len(got)-1].Damage)
	}
}

func TestEachReturnsAFailingDisk(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "dir.gz/a", "")
	for _, path := range []string{dir, dir + "/dir.gz"} { // a directory opens, but can't be read
		records, err := scan(t, File{Path: path})
		assert.Empty(t, records)
		assert.ErrorContains(t, err, "reading "+path+" at byte 0")
	}
	for _, path := range []string{dir + "/gone", dir + "/gone.gz"} {
		records, err := scan(t, File{Path: path})
		assert.Empty(t, records)
		assert.ErrorContains(t, err, "opening "+path)
		assert.ErrorIs(t, err, fs.ErrNotExist)
	}
	_, err := scan(t, File{Path: "nosuch://a/b"})
	assert.Error(t, err)
}

func TestGzipOfItsSizeIsDamaged(t *testing.T) {
	file := gzipped(t, numbered(100_000))
	file = file[:len(file)/3] + strings.Repeat("\xff", 100) + file[len(file)/3+100:]
	records, err := scan(t, File{Path: write(t, t.TempDir(), "a.gz", file), Size: int64(len(file))})
	require.NoError(t, err)
	assert.Equal(t, "corrupt_gzip", records[len(records)-1].Damage)
}

func TestGzipThatIsShorterThanItsFileWasACutConnection(t *testing.T) {
	file := gzipped(t, strings.Repeat("a\n", 1000))
	path := write(t, t.TempDir(), "a.gz", file[:len(file)-5])
	_, err := scan(t, File{Path: path, Size: int64(len(file))})
	assert.ErrorContains(t, err, "reading "+path)
}
