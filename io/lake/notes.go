package lake

import (
	"context"
	"fmt"
	"strings"

	"adtoorder/io/storage"
)

// A run's workers leave notes in the lake for the process that has begun the run.

func (l Lake) noteFile(name string) string { return l.Dir + "/.note-" + name + ".json" }

// Note leaves a note, in place of one of the same name.
func (l Lake) Note(ctx context.Context, s *storage.Storage, name string, content []byte) error {
	return s.Update(ctx, l.noteFile(name), func([]byte) ([]byte, error) { return content, nil })
}

// TakeNotes returns all notes, and removes them.
func (l Lake) TakeNotes(ctx context.Context) (notes [][]byte, err error) {
	var s storage.Storage
	defer s.Close()
	for name, err := range list(ctx, &s, l.noteFile("*")) {
		if err != nil {
			return nil, err
		}
		content, err := s.Read(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", strings.TrimPrefix(name, l.Dir+"/"), err)
		}
		notes = append(notes, content)
		if err := s.Remove(ctx, name); err != nil {
			return nil, err
		}
	}
	return notes, nil
}
