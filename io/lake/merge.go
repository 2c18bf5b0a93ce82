package lake

import (
	"context"
	"fmt"

	"adtoorder/io/storage"
)

// merge adds rows to a file: it becomes at least as complete as it was, and as
// the rows are. A runner can hand out an older pane after a newer one.
func merge[T any](ctx context.Context, s *storage.Storage, o order, format, file string, rows []T) error {
	rows = reduce(o, rows)
	return s.Update(ctx, file, func(there []byte) ([]byte, error) {
		all := rows
		if there != nil {
			old, err := decode[T](format, there)
			if err != nil {
				return nil, &damage{file, err}
			}
			all = reduce(o, append(old, rows...))
		}
		content, err := encode(format, all)
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", file, err)
		}
		return content, nil
	})
}

// read returns the rows of a file, none where there is no such file.
func read[T any](ctx context.Context, s *storage.Storage, f file) ([]T, error) {
	content, err := s.Read(ctx, f.name)
	if err != nil || content == nil {
		return nil, err
	}
	rows, err := decode[T](f.format, content)
	if err != nil {
		return nil, &damage{f.name, err}
	}
	return rows, nil
}

// damage says that a file can't be read, which is named like one of the lake's.
type damage struct {
	file  string
	cause error
}

// Error implements error.
func (d *damage) Error() string {
	return fmt.Sprintf("reading %s: %v; restore the file, or remove it, or have a run with "+
		"--replace write its hours anew",
		d.file, d.cause)
}

// Unwrap returns what is wrong with it.
func (d *damage) Unwrap() error { return d.cause }
