// Package compression tells by first bytes how a text is compressed, and uncompresses it:
// files (io/files) and messages of brokers (io/message).
//
//	[]byte -> *Format, io.Reader -> io.ReadCloser
package compression

import (
	"bytes"
	"compress/bzip2"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip" // it reads about twice as fast as the standard library's
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Format is a way to store text. The first bytes tell it, whatever a file's name.
type Format struct {
	Name       string // such as gzip
	magics     []string
	extensions []string // of files whose first bytes are neither these nor text
	open       func(io.Reader) (io.ReadCloser, error)
}

var formats = []Format{
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

// Damage is record.Record.Damage of what can't be uncompressed.
func (f *Format) Damage() string { return "corrupt_" + f.Name }

// Open returns the text of what is compressed. What is damaged may also be told later.
func (f *Format) Open(in io.Reader) (io.ReadCloser, error) { return f.open(in) }

// Sniffed is how much of a start tells what it is, in bytes.
const Sniffed = 512

// Of returns how a text is compressed that begins with some bytes; nil for plain text.
func Of(head []byte) *Format {
	if len(head) == 0 || head[0] == '{' || head[0] == '[' {
		return nil
	}
	for i, f := range formats {
		for _, magic := range f.magics {
			if len(head) >= len(magic) && string(head[:len(magic)]) == magic {
				return &formats[i]
			}
		}
	}
	return nil
}

// OfFile returns the same of a file. Where its bytes end within those that tell, the file
// was cut. What begins with neither text, nor such bytes, nor as a known format does, is
// what its name says, damaged.
func OfFile(path string, head []byte, known bool) *Format {
	if f := Of(head); f != nil {
		return f
	}
	for i, f := range formats {
		for _, magic := range f.magics {
			isCut := len(head) > 0 && strings.HasPrefix(magic, string(head))
			if isCut && (f.named(path) || !utf8.Valid(head) || !IsText(head)) {
				return &formats[i]
			}
		}
	}
	if i := slices.IndexFunc(formats, func(f Format) bool { return f.named(path) }); i >= 0 && !IsText(head) && !known {
		return &formats[i]
	}
	return nil
}

// named reports whether a file is named as those of a format are.
func (f Format) named(path string) bool { return f.extension(path) != "" }

// extension returns which of a format's extensions a file has; "" for none.
func (f Format) extension(path string) string {
	path = strings.ToLower(path)
	i := slices.IndexFunc(f.extensions, func(e string) bool { return strings.HasSuffix(path, e) })
	if i < 0 {
		return ""
	}
	return f.extensions[i]
}

// Inner returns a file's name without the extension that says how it is compressed.
func Inner(path string) string {
	for _, f := range formats {
		if e := f.extension(path); e != "" {
			return path[:len(path)-len(e)]
		}
	}
	return path
}

// IsText reports whether a start has no control characters but those between records.
func IsText(head []byte) bool {
	return bytes.IndexFunc(head[:min(len(head), Sniffed)], func(c rune) bool {
		return c < ' ' && !strings.ContainsRune("\t\n\r\x1e", c)
	}) < 0
}

// gzips are readers that were closed: one takes 40 KB, which is much for a message.
var gzips = sync.Pool{New: func() any { return new(gzip.Reader) }}

func openGzip(in io.Reader) (io.ReadCloser, error) {
	text := gzips.Get().(*gzip.Reader)
	if err := text.Reset(in); err != nil {
		gzips.Put(text)
		return nil, err
	}
	return &gzipped{text}, nil
}

// gzipped is a reader that is used again once it is closed, if nothing was wrong with it.
type gzipped struct{ *gzip.Reader }

// Close implements io.Closer.
func (g *gzipped) Close() error {
	text := g.Reader
	if text == nil {
		return nil
	}
	g.Reader = nil
	err := text.Close()
	if err == nil {
		gzips.Put(text)
	}
	return err
}

// maxWindow is what a text of zstd may have its reader keep, in bytes: what the zstd
// program itself takes unless told otherwise.
const maxWindow = 128 << 20

// openZstd uncompresses in the caller's goroutine, as the others do.
func openZstd(in io.Reader) (io.ReadCloser, error) {
	text, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return text.IOReadCloser(), nil
}

func openLz4(in io.Reader) (io.ReadCloser, error) { return io.NopCloser(lz4.NewReader(in)), nil }
