package files

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"adtoorder/io/framing"
	"adtoorder/io/storage"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scanned returns the payloads of files, in order.
func scanned(t *testing.T, files ...File) (payloads []string) {
	t.Helper()
	var s storage.Storage
	defer s.Close()
	for _, f := range files {
		for batch, err := range Scan(t.Context(), &s, f) {
			require.NoError(t, err)
			for _, r := range batch {
				payloads = append(payloads, fmt.Sprint(r.Offset, " ", string(r.Payload)))
			}
		}
	}
	return payloads
}

// Whatever the parts, each line is in one of them.
func TestPartsHoldEveryLineOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var text strings.Builder
		for range random.IntN(300) {
			text.WriteString(strings.Repeat("x", random.IntN(40)))
			text.WriteString([]string{"\n", "\r\n", "\n\n", "{}", "{ }"}[random.IntN(5)])
		}
		f := File{Path: write(t, t.TempDir(), "a.jsonl", text.String()), Size: int64(text.Len())}
		want := scanned(t, f)
		parts := f.Parts(1 + random.Int64N(200))
		assert.Equal(t, want, scanned(t, parts...))
		assert.Equal(t, want, scanned(t, Joined(parts)...))
		assert.Len(t, Joined(parts), 1)
		if n := len(parts); n > 2 {
			some := append([]File{parts[0]}, parts[2:]...)
			assert.Equal(t, scanned(t, some...), scanned(t, Joined(some)...))
			assert.Len(t, Joined(some), 2)
		}
	}
}

func TestPartsOfWhatIsReadAsAWhole(t *testing.T) {
	for _, f := range []File{{Path: "/a", Size: 100, Compression: "gzip"}, {Path: "gs://bucket/a.jsonl", Size: 100}} {
		assert.Equal(t, []File{f}, f.Parts(10))
		assert.Equal(t, []File{f, f}, Joined([]File{f, f}), "two whole files are two")
	}
	assert.Equal(t, []File{{Path: "/small.jsonl", Size: 10, To: 10}}, File{Path: "/small.jsonl", Size: 10}.Parts(10))
	assert.Empty(t, File{Path: "/empty.jsonl"}.Parts(10))
	assert.EqualValues(t, 800, File{Path: "/a", Size: 100, Compression: "gzip"}.TextSize())
	assert.EqualValues(t, 100, File{Path: "gs://bucket/a.jsonl", Size: 100}.TextSize())
	assert.EqualValues(t, 7, File{Path: "/a.jsonl", Size: 100, From: 3, To: 10}.TextSize())
}

func TestFirst(t *testing.T) {
	var s storage.Storage
	defer s.Close()
	text := strings.Repeat("0123456789\n", 100_000)
	f := File{Path: write(t, t.TempDir(), "a.jsonl", text), Size: int64(len(text))}
	some, err := First(t.Context(), &s, f)
	require.NoError(t, err)
	assert.Len(t, some, framing.BlockSize/11)
	none, err := First(t.Context(), &s, File{Path: write(t, t.TempDir(), "b.jsonl", "")})
	require.NoError(t, err)
	assert.Empty(t, none)
	_, err = First(t.Context(), &s, File{Path: "/nowhere/a.jsonl"})
	assert.ErrorContains(t, err, "/nowhere/a.jsonl")
}
