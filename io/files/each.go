package files

import (
	"context"
	"fmt"
	"io"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// Each calls a function with all records of a file, in order, batch by batch.
// Damaged compressed data gives one last record with Damage set; a failing disk
// or network is an error.
func Each(ctx context.Context, f File, do func([]record.Record)) error {
	in, err := open(ctx, f.Path)
	if err != nil {
		return err
	}
	r := NewReader(in, f)
	defer r.Close()
	for {
		batch, err := r.Next()
		if len(batch) > 0 {
			do(batch)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (f File) records(batch []line) []record.Record {
	records := make([]record.Record, len(batch))
	for i, l := range batch {
		records[i] = record.Record{Payload: l.text, Size: l.size, Source: f.Path, Offset: l.offset}
	}
	return records
}

func open(ctx context.Context, path string) (io.ReadCloser, error) {
	fs, err := filesystem.New(ctx, path)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	in, err := fs.OpenRead(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return in, nil
}
