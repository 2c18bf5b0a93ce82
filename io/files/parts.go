package files

import (
	"context"
	"io"
	"iter"
	"slices"

	"adtoorder/io/record"
	"adtoorder/io/storage"
)

// Parts cuts a file into ranges of about a size, in bytes. A file that can't be read
// in ranges, since it is compressed or in a bucket, is one part.
func (f File) Parts(size int64) []File {
	if indivisible(f) || f.Size <= size {
		return []File{f}
	}
	var parts []File
	for _, r := range f.bytes().EvenSplits((f.Size + size - 1) / size) {
		part := f
		part.From, part.To = r.Start, r.End
		parts = append(parts, part)
	}
	return parts
}

// Joined joins parts of a file that follow one another.
func Joined(parts []File) (joined []File) {
	for _, part := range parts {
		last := len(joined) - 1
		if last >= 0 && part.From > 0 && joined[last].Path == part.Path && joined[last].To == part.From {
			joined[last].To = part.To
		} else {
			joined = append(joined, part)
		}
	}
	return joined
}

// scanPart returns the records that start in a range of a plain file.
func scanPart(ctx context.Context, s *storage.Storage, f File) iter.Seq2[[]record.Record, error] {
	return func(yield func([]record.Record, error) bool) {
		in, err := s.Open(ctx, f.Path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer in.Close()
		text, err := linesFrom(in, f.From)
		if err != nil {
			yield(nil, err)
			return
		}
		var batch []line
		for {
			batch = text.next(batch[:0])
			if len(batch) == 0 {
				break
			}
			ends := slices.IndexFunc(batch, func(l line) bool { return l.offset >= f.To })
			if ends >= 0 {
				batch = batch[:ends]
			}
			if len(batch) > 0 && !yield(f.records(batch), nil) || ends >= 0 {
				return
			}
		}
		if text.err != io.EOF {
			yield(nil, text.err)
		}
	}
}
