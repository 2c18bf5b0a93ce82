package files

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"adtoorder/io/framing"
	"adtoorder/io/record"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bzip2s are files of "a\r\n\nbc", of "a\n" and "bc\n" in two streams, and of
// nothing. Go can't write them.
const (
	bzip2Lines   = "425a6839314159265359660f9e58000001c100001238002000219a019a009a6e2ee48a70a120cc1f3cb0"
	bzip2Streams = "425a6839314159265359633ed6e2000000c100001020002000210082b177245385090633ed6e20425a68393141592653593a90b9be000000c1000010180020002198198461772453850903a90b9be0"
	bzip2Nothing = "425a683917724538509000000000"
)

func unhex(t *testing.T, text string) string {
	t.Helper()
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return string(b)
}

// zstandard returns a zstd file with a frame for each text.
func zstandard(t *testing.T, texts ...string) string {
	t.Helper()
	var file bytes.Buffer
	for _, text := range texts {
		w, err := zstd.NewWriter(&file)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return file.String()
}

// compressed returns a file with a stream for each text.
func compressed(t *testing.T, how string, texts ...string) string {
	t.Helper()
	var file bytes.Buffer
	for _, text := range texts {
		var w io.WriteCloser
		switch how {
		case "lz4":
			small := lz4.NewWriter(&file)
			require.NoError(t, small.Apply(lz4.BlockSizeOption(lz4.Block64Kb)))
			w = small
		case "snappy":
			w = s2.NewWriter(&file, s2.WriterSnappyCompat())
		}
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return file.String()
}

func TestEachUncompresses(t *testing.T) {
	lines := []string{"0+1 a", "4+2 bc"}
	for name, test := range map[string]struct {
		file, content string
		want          []string
	}{
		"zstd":                {"a.zst", zstandard(t, "a\r\n\nbc"), lines},
		"zstd of frames":      {"a.zst", zstandard(t, "a\n", "b", "", "c"), []string{"0+1 a", "2+2 bc"}},
		"zstd of nothing":     {"a.zst", zstandard(t, ""), []string{}},
		"zstd, empty file":    {"a.zst", "", []string{}},
		"bzip2":               {"a.bz2", unhex(t, bzip2Lines), lines},
		"bzip2 of streams":    {"a.bz2", unhex(t, bzip2Streams), []string{"0+1 a", "2+2 bc"}},
		"bzip2 of nothing":    {"a.bz2", unhex(t, bzip2Nothing), []string{}},
		"bzip2, empty file":   {"a.bz2", "", []string{}},
		"zstd that is cut":    {"a.zst", zstandard(t, "a\n")[:8], []string{"0+0 corrupt_zstd"}},
		"bzip2 that is cut":   {"a.bz2", unhex(t, bzip2Lines)[:20], []string{"0+0 corrupt_bzip2"}},
		"bzip2, then garbage": {"a.bz2", unhex(t, bzip2Lines) + "garbage", []string{"0+1 a", "4+2 corrupt_bzip2bc"}},
		"plain, named zstd":   {"a.zst", "a\nb\n", []string{"0+1 a", "2+1 b"}},
		"a header that broke": {"a.bz2", "\x02Zh91AY", []string{"0+0 corrupt_bzip2"}},
		"zstd, skipped frame": {"a", "\x50\x2a\x4d\x18\x01\x00\x00\x00x" + zstandard(t, "a\r\n\nbc"), lines},
		"lz4":                 {"a", compressed(t, "lz4", "a\r\n\nbc"), lines},
		"lz4 of frames":       {"a.lz4", compressed(t, "lz4", "a\n", "bc"), []string{"0+1 a", "2+2 bc"}},
		"snappy":              {"a", compressed(t, "snappy", "a\r\n\nbc"), lines},
		"snappy of streams":   {"a.sz", compressed(t, "snappy", "a\n", "bc"), []string{"0+1 a", "2+2 bc"}},
		"gzip, another name":  {"PUT-S3-1", gzipped(t, "a\r\n\nbc"), lines},
		"gzip, upper case":    {"C.JSON.GZ", gzipped(t, "a\r\n\nbc"), lines},
		"UTF-16":              {"a", "\xff\xfea\x00\n\x00", []string{"0+6 unsupported_format\xff\xfea\x00\n\x00"}},
		"zip":                 {"a.gz", "PK\x03\x04..\n", []string{"0+7 unsupported_formatPK\x03\x04..\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, describeAll(each(t, write(t, t.TempDir(), test.file, test.content))))
		})
	}
}

// Every cut gives a start of the lines, then a damaged record. Every changed byte
// gives one too, since there are checksums; or all lines, where zstd and lz4 say the
// same in other words.
func TestEachFindsDamage(t *testing.T) {
	for name, file := range map[string]string{"a.zst": zstandard(t, numbered(60)), "a.bz2": unhex(t, bzip2Lines),
		"a.lz4": compressed(t, "lz4", numbered(60))} {
		t.Run(name, func(t *testing.T) {
			want := describeAll(each(t, write(t, t.TempDir(), name, file)))
			dir, damage, same := t.TempDir(), compressionOf(name, []byte(file)).Damage(), 0
			for at := range len(file) {
				if at > 0 {
					got := each(t, write(t, dir, name, file[:at]))
					require.NotEmpty(t, got, "%s cut at %d", name, at)
					lines := got[:len(got)-1]
					require.Equal(t, damage, got[len(lines)].Damage, "%s cut at %d", name, at)
					require.Equal(t, want[:len(lines)], describeAll(lines), "%s cut at %d", name, at)
				}
				got := each(t, write(t, dir, name, file[:at]+string([]byte{file[at] ^ 0x10})+file[at+1:]))
				if slices.Equal(want, describeAll(got)) {
					same++
					continue
				}
				require.Equal(t, damage, got[len(got)-1].Damage, "%s changed at %d", name, at)
			}
			assert.Less(t, same, 2+len(file)/20)
		})
	}
}

func describeAll(records []record.Record) []string {
	all := []string{}
	for _, r := range records {
		all = append(all, describe(r))
	}
	return all
}

// stream is a file that is read as it comes, such as an object in a bucket.
type stream struct{ io.Reader }

func (stream) Close() error { return nil }

func TestAFailingDiskIsNoDamage(t *testing.T) {
	broken := errors.New("broken")
	for name, file := range map[string]string{
		"a.jsonl": "a\nb\n", "a.gz": gzipped(t, "a\nb\n"), "a.zst": zstandard(t, "a\nb\n"),
		"a.bz2": unhex(t, bzip2Lines),
	} {
		t.Run(name, func(t *testing.T) {
			for at := range len(file) {
				for _, with := range []error{broken, io.ErrUnexpectedEOF} { // a connection that breaks, or ends
					in := io.MultiReader(strings.NewReader(file[:at]), iotest.ErrReader(with))
					r := NewReader(stream{in}, File{Path: name})
					_, err := r.Next()
					for err == nil {
						_, err = r.Next()
					}
					assert.ErrorContains(t, err, "reading "+name+" at byte", "at %d", at)
					assert.ErrorIs(t, err, with, "at %d", at)
					require.NoError(t, r.Close())
				}
			}
		})
	}
}

// rest returns what a file gives behind an offset.
func rest(t *testing.T, path string, offset int64, seeks bool) (got []record.Record) {
	t.Helper()
	in, err := os.Open(path)
	require.NoError(t, err)
	var r *Reader
	if seeks {
		r = NewReader(in, File{Path: path})
	} else {
		r = NewReader(stream{in}, File{Path: path})
	}
	r.Skip(offset)
	for {
		records, err := r.Next()
		got = append(got, records...)
		if err == io.EOF {
			require.NoError(t, r.Close())
			return got
		}
		require.NoError(t, err)
	}
}

func TestSkip(t *testing.T) {
	long := strings.Repeat("x", record.MaxSize+1)
	text := "first\n\n" + strings.Repeat("line\r\n", framing.BlockSize/5) + long + "\nlast"
	for name, file := range map[string]string{"a.jsonl": text, "a.gz": gzipped(t, text), "a.zst": zstandard(t, text)} {
		t.Run(name, func(t *testing.T) {
			path := write(t, t.TempDir(), name, file)
			in, err := os.Open(path)
			require.NoError(t, err)
			r := NewReader(in, File{Path: path})
			want := each(t, path)
			for blocks := 0; ; blocks++ {
				for _, seeks := range []bool{true, false} {
					got := rest(t, path, r.Offset(), seeks)
					require.Equal(t, len(want), len(got), "%s at %d", name, r.Offset())
					for i := range want {
						require.Equal(t, describe(want[i]), describe(got[i]))
					}
				}
				records, err := r.Next()
				want = want[len(records):]
				if err == io.EOF {
					assert.Greater(t, blocks, 1)
					break
				}
				require.NoError(t, err)
			}
			require.NoError(t, r.Close())
			assert.Empty(t, want)
			assert.Empty(t, rest(t, path, int64(len(text)+7), true), "behind the end")
		})
	}
}

func TestSmallFilesDontHoldABlock(t *testing.T) {
	r := NewReader(stream{strings.NewReader("a\nb")}, File{})
	records, err := r.Next()
	require.Equal(t, io.EOF, err)
	require.Len(t, records, 2)
	assert.Less(t, cap(records[0].Payload), 1<<10)
}
