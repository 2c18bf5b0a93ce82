package lake

import (
	"os"
	"slices"
	"testing"

	"adtoorder/io/storage"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNotesAreTakenOnce(t *testing.T) {
	l := Lake{t.TempDir() + "/lake", JSONL}
	notes, err := l.TakeNotes(t.Context())
	require.NoError(t, err, "no lake yet")
	assert.Empty(t, notes)
	var s storage.Storage
	for name, text := range map[string]string{"0": "first", "3600000": "other"} {
		require.NoError(t, l.Note(t.Context(), &s, name, []byte("before it is tried again")))
		require.NoError(t, l.Note(t.Context(), &s, name, []byte(text)))
	}
	require.NoError(t, os.WriteFile(l.Dir+"/.other.json", nil, 0o644))
	notes, err = l.TakeNotes(t.Context())
	require.NoError(t, err)
	texts := []string{string(notes[0]), string(notes[1])}
	slices.Sort(texts)
	assert.Equal(t, []string{"first", "other"}, texts)
	notes, err = l.TakeNotes(t.Context())
	require.NoError(t, err)
	assert.Empty(t, notes)
	assert.FileExists(t, l.Dir+"/.other.json")
}
