package files

import (
	"context"
	"iter"
	"slices"

	"adtoorder/io/framing"
	"adtoorder/io/record"
	"adtoorder/io/storage"
)

// Parts cuts a file or part into ranges of about a size, in bytes; an empty one into
// none. What the file gets later is in no part, as it isn't read. A file that can't be
// read in ranges, since it is compressed, in a bucket, or has records over lines, is one
// part.
func (f File) Parts(size int64) (parts []File) {
	if indivisible(f) {
		return []File{f}
	}
	all := f.bytes()
	length := all.End - all.Start
	if length == 0 {
		return nil
	}
	for _, r := range all.EvenSplits((length + size - 1) / size) {
		part := f
		part.From, part.To = r.Start, r.End
		parts = append(parts, part)
	}
	return parts
}

// compressedBy is about how many bytes of text a byte of a compressed file holds.
const compressedBy = 8

// TextSize is about how many bytes of text a file or part has.
func (f File) TextSize() int64 {
	switch {
	case f.To > 0:
		return f.To - f.From
	case f.Compression != "" || f.Format == Parquet || f.Format == Avro:
		return compressedBy * f.Size
	}
	return f.Size
}

// First returns the first records of a file or part, about a block of them.
func First(ctx context.Context, s *storage.Storage, f File) ([]record.Record, error) {
	for batch, err := range Scan(ctx, s, f) {
		return batch, err
	}
	return nil, nil
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

// scanPart returns the records whose lines start in a range of a plain file.
func scanPart(ctx context.Context, s *storage.Storage, f File) iter.Seq2[[]record.Record, error] {
	return func(yield func([]record.Record, error) bool) {
		in, err := s.Open(ctx, f.place())
		if err != nil {
			yield(nil, err)
			return
		}
		defer in.Close()
		text, err := f.textFrom(in, f.From)
		if err != nil {
			yield(nil, err)
			return
		}
		var batch []framing.Piece
		for {
			batch = text.Next(batch[:0])
			if len(batch) == 0 {
				break
			}
			ends := slices.IndexFunc(batch, func(p framing.Piece) bool { return p.Line >= f.To })
			if ends >= 0 {
				batch = batch[:ends]
			}
			if len(batch) > 0 && !yield(f.records(batch), nil) || ends >= 0 {
				return
			}
		}
		if err := f.failure(text); err != nil {
			yield(nil, err)
		}
	}
}
