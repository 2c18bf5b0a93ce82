package files

import (
	"context"
	"io"
	"iter"

	"adtoorder/io/framing"
	"adtoorder/io/record"
	"adtoorder/io/storage"
)

// Open returns a reader of a file, or of its local copy.
func Open(ctx context.Context, s *storage.Storage, f File) (*Reader, error) {
	in, err := s.Open(ctx, f.place())
	if err != nil {
		return nil, err
	}
	return NewReader(in, f), nil
}

// Scan returns the records of a file, in order, in batches. Damaged compressed data
// gives one last record with Damage set; a failing disk or network is an error, the
// last that the sequence has.
func Scan(ctx context.Context, s *storage.Storage, f File) iter.Seq2[[]record.Record, error] {
	if f.To > 0 {
		return scanPart(ctx, s, f)
	}
	return func(yield func([]record.Record, error) bool) {
		r, err := Open(ctx, s, f)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		for err == nil {
			var batch []record.Record
			batch, err = r.Next()
			if len(batch) > 0 && !yield(batch, nil) {
				return
			}
		}
		if err != io.EOF {
			yield(nil, err)
		}
	}
}

func (f File) records(batch []framing.Piece) []record.Record {
	records := make([]record.Record, len(batch))
	for i, p := range batch {
		records[i] = record.Record{Payload: p.Text, Size: p.Size, Source: f.Path, Offset: p.Offset,
			Counted: f.Format == Parquet || f.Format == Avro, Damage: p.Damage}
	}
	return records
}
