package files

import (
	"bytes"
	"compress/bzip2"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip" // it reads about twice as fast as the standard library's
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// compression is a way to store text. A file's first bytes tell it, whatever its name.
type compression struct {
	name       string
	magics     []string
	extensions []string // of files whose first bytes are neither these nor text
	open       func(io.Reader) (io.ReadCloser, error)
}

var compressions = []compression{
	{"gzip", []string{"\x1f\x8b"}, []string{".gz"}, openGzip},
	// The second is that of a frame that a reader skips, such as pzstd's first one.
	{"zstd", []string{"\x28\xb5\x2f\xfd", "\x50\x2a\x4d\x18"}, []string{".zst", ".zstd"}, openZstd},
	{"bzip2", []string{"BZh"}, []string{".bz2"}, func(in io.Reader) (io.ReadCloser, error) {
		return io.NopCloser(bzip2.NewReader(in)), nil
	}},
	// The second is that of lz4's older format.
	{"lz4", []string{"\x04\x22\x4d\x18", "\x02\x21\x4c\x18"}, []string{".lz4"}, openLz4},
	// Framed snappy, and s2, which extends it.
	{"snappy", []string{"\xff\x06\x00\x00sNaPpY", "\xff\x06\x00\x00S2sTwO"}, []string{".sz", ".snappy", ".s2"},
		func(in io.Reader) (io.ReadCloser, error) { return io.NopCloser(s2.NewReader(in)), nil }},
}

// damage is record.Record.Damage of what can't be uncompressed.
func (c *compression) damage() string { return "corrupt_" + c.name }

// sniffed is how much of a file's start tells what it is, in bytes.
const sniffed = 512

// compressionOf returns how a file is compressed that begins with some bytes, nil for
// plain text. Where they end within those that tell, the file was cut. What begins with
// neither text nor such bytes is what its name says, damaged.
func compressionOf(path string, head []byte) *compression {
	byName := func(c compression) bool {
		return slices.ContainsFunc(c.extensions, func(e string) bool {
			return strings.HasSuffix(strings.ToLower(path), e)
		})
	}
	for i, c := range compressions {
		for _, magic := range c.magics {
			cut := strings.HasPrefix(magic, string(head)) && (byName(c) || !utf8.Valid(head) || !isText(head))
			if cut && len(head) > 0 || bytes.HasPrefix(head, []byte(magic)) {
				return &compressions[i]
			}
		}
	}
	if i := slices.IndexFunc(compressions, byName); i >= 0 && !isText(head) && unreadable(head) == "" {
		return &compressions[i]
	}
	return nil
}

// isText reports whether bytes have no control characters but those between records.
func isText(head []byte) bool {
	return bytes.IndexFunc(head[:min(len(head), sniffed)], func(c rune) bool {
		return c < ' ' && !strings.ContainsRune("\t\n\r\x1e", c)
	}) < 0
}

func openGzip(in io.Reader) (io.ReadCloser, error) {
	text, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	return text, nil
}

// openZstd uncompresses in the caller's goroutine, as the others do.
func openZstd(in io.Reader) (io.ReadCloser, error) {
	text, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return text.IOReadCloser(), nil
}

func openLz4(in io.Reader) (io.ReadCloser, error) { return io.NopCloser(lz4.NewReader(in)), nil }
