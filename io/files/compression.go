package files

import (
	"bufio"
	"compress/bzip2"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip" // it reads about twice as fast as the standard library's
	"github.com/klauspost/compress/zstd"
)

// compression is a way to store text. A file's extension tells it.
type compression struct {
	extension string
	damage    string // record.Record.Damage of what can't be uncompressed
	// open returns io.EOF where nothing is stored.
	open func(io.Reader) (io.ReadCloser, error)
}

var compressions = []compression{
	{".gz", "corrupt_gzip", openGzip},
	{".zst", "corrupt_zstd", openZstd},
	{".bz2", "corrupt_bzip2", openBzip2},
}

// compressionOf returns nil for a file of plain text.
func compressionOf(path string) *compression {
	for i := range compressions {
		if strings.HasSuffix(path, compressions[i].extension) {
			return &compressions[i]
		}
	}
	return nil
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

func openBzip2(in io.Reader) (io.ReadCloser, error) {
	stored := bufio.NewReader(in)
	if _, err := stored.Peek(1); err != nil {
		return nil, err
	}
	return io.NopCloser(bzip2.NewReader(stored)), nil
}
