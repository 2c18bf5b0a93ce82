package files

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"adtoorder/io/framing"
	"adtoorder/io/storage"

	"golang.org/x/sync/errgroup"
)

const (
	// summed is how much of any file's start, and of a local one's end, Sum is made of, and
	// how much of the start is looked at, in bytes.
	summed = 64 << 10
	// inspected is how many files are looked at at a time: an object takes some 50 ms.
	inspected = 16
)

// inspectAll looks at the start of files: it sets what Match tells beside their sizes,
// and returns an error where one can't be read.
func inspectAll(ctx context.Context, s *storage.Storage, files []File) error {
	looks, ctx := errgroup.WithContext(ctx)
	looks.SetLimit(inspected)
	for i := range files {
		looks.Go(func() error { return files[i].inspect(ctx, s) })
	}
	return looks.Wait()
}

// Check returns an ErrUnreadable where a file can't be read, as its first bytes tell.
func Check(ctx context.Context, s *storage.Storage, f File) error { return f.inspect(ctx, s) }

func (f *File) inspect(ctx context.Context, s *storage.Storage) (err error) {
	var head []byte
	switch {
	case storage.IsLocal(f.place()):
		head, err = f.sum()
	case f.Size > 0:
		head, err = s.Head(ctx, f.place(), summed)
	}
	if err != nil {
		return err
	}
	if f.Sum == 0 {
		f.Sum = crc32.ChecksumIEEE(head) // of no bytes it is 0
	}
	how := compressionOf(f.name(), head)
	if is := unreadableWithin(how, head); is != "" {
		return fmt.Errorf("%s %w, since it is %s", f.Path, ErrUnreadable, is)
	}
	if how != nil {
		f.Compression = how.Name
	}
	if how == nil {
		f.Format = formatOf(f.name(), head)
	}
	f.Spans = how == nil && f.Format == "" && framing.Spans(head, int64(len(head)) == f.Size)
	return nil
}

// sum sets the sum of a local file, and returns its start.
func (f *File) sum() (head []byte, err error) {
	in, err := os.Open(f.place())
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if head, err = io.ReadAll(io.NewSectionReader(in, 0, summed)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Path, err)
	}
	sum := crc32.NewIEEE()
	sum.Write(head)
	if _, err := io.Copy(sum, io.NewSectionReader(in, max(0, f.Size-summed), summed)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Path, err)
	}
	f.Sum = sum.Sum32()
	return head, nil
}
