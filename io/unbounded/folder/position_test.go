package folder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/storage"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// expected returns the records of a text, in the simplest words.
func expected(path, text string, seconds int) (all []record.Record) {
	offset := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		bare := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if bare != "" {
			kept := bare
			if len(bare) > record.MaxSize {
				kept = bare[:record.MaxKept]
			}
			all = append(all, record.Record{Payload: []byte(kept), Size: int64(len(bare)), Source: path,
				Offset: int64(offset), Time: long.UnixMilli() + int64(seconds)*1000})
		}
		offset += len(line)
	}
	return all
}

// randomText returns lines of up to so many bytes.
func randomText(random *rand.Rand, lines, most int) string {
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "%d-%s%s", i, strings.Repeat("x", random.IntN(most)),
			[]string{"\n", "\r\n", "\n\n"}[random.IntN(3)])
	}
	return text.String()
}

// randomFolder fills a directory, and returns what it holds.
func randomFolder(t *testing.T, random *rand.Rand, dir string) (want []record.Record) {
	texts := []string{"", "\n\n", "one", "one\n", strings.Repeat("x", record.MaxSize+7) + "\nnext\n"}
	for range 12 {
		texts = append(texts, randomText(random, random.IntN(50), 100))
	}
	texts = append(texts, randomText(random, 20_000, 80), randomText(random, 60, 90_000),
		randomText(random, 4, 800_000))
	random.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
	for i, text := range texts {
		switch name := fmt.Sprintf("%02d", i); random.IntN(3) {
		case 0:
			want = append(want, expected(drop(t, dir, name+".gz", gzipped(t, text), i/2), text, i/2)...)
		case 1:
			want = append(want, expected(drop(t, dir, name+".zst", zstandard(t, text), i/2), text, i/2)...)
		default:
			want = append(want, expected(drop(t, dir, name, text, i/2), text, i/2)...)
		}
	}
	return want
}

func same(t *testing.T, want, got []record.Record) {
	t.Helper()
	require.Equal(t, len(want), len(got))
	for i := range want {
		require.True(t, bytes.Equal(want[i].Payload, got[i].Payload), "record %d", i)
		got[i].Payload = want[i].Payload
		require.Equal(t, want[i], got[i], "record %d", i)
	}
}

var errFlaky = errors.New("flaky")

// flaky is a storage that fails now and then, also in the middle of a file.
type flaky struct {
	files
	random *rand.Rand
}

func (f flaky) fails() bool { return f.random.IntN(8) == 0 }

func (f flaky) List(ctx context.Context, pattern string, skip func(string) bool) iter.Seq2[storage.Object, error] {
	if f.fails() {
		return func(yield func(storage.Object, error) bool) { yield(storage.Object{}, errFlaky) }
	}
	return f.files.List(ctx, pattern, skip)
}

func (f flaky) Open(ctx context.Context, path string) (io.ReadCloser, error) {
	if f.fails() {
		return nil, errFlaky
	}
	in, err := f.files.Open(ctx, path)
	if err != nil || !f.fails() {
		return in, err
	}
	cut := io.MultiReader(io.LimitReader(in, f.random.Int64N(400_000)), iotest.ErrReader(errFlaky))
	return struct {
		io.Reader
		io.Closer
	}{cut, in}, nil
}

// Wherever reading stops, another client goes on at the same place, and so does
// the same client where a batch was lost or reading failed.
func TestPositionsGiveEachRecordOnce(t *testing.T) {
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 0))
		dir := t.TempDir()
		want := randomFolder(t, random, dir)
		for _, size := range []int64{1, 5_000, batchSize} {
			c, at, batches, failures := (*client)(nil), "", 0, 0
			var got []record.Record
			for ended := false; !ended; {
				if c == nil {
					c = watch(t, dir)
					c.storage, c.batchSize = flaky{c.storage, random}, size
				}
				b, err := c.Read(t.Context(), "", at)
				if err != nil {
					require.ErrorIs(t, err, errFlaky)
					failures++
				} else if random.IntN(4) > 0 { // otherwise the batch is lost
					batches++
					got, at, ended = append(got, b.Records...), b.Next, !b.End.IsZero()
				}
				if random.IntN(4) == 0 {
					c.Close()
					c = nil
				}
			}
			same(t, want, got)
			assert.Greater(t, batches, 10)
			assert.Greater(t, failures, 2)
		}
	}
}

func TestAnotherPositionIsListedAnew(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a", "a\n", 1)
	c := watch(t, dir)
	_, at := drain(t, c, "")
	c.listEvery = time.Hour
	require.NotZero(t, read(t, c, at).End)
	b := read(t, c, "")
	assert.Len(t, b.Records, 1)
	assert.Zero(t, b.End)
	assert.Equal(t, at, b.Next)
}

func TestPositionIsJSON(t *testing.T) {
	dir := t.TempDir()
	a, large := drop(t, dir, "a", "a\n", 1), drop(t, dir, "b c", strings.Repeat("line\n", 100_000), 2)
	c := watch(t, dir)
	c.batchSize = 1
	at := read(t, c, read(t, c, "").Next).Next
	var p position
	require.NoError(t, json.Unmarshal([]byte(at), &p))
	assert.Equal(t, strings.Replace(large, " ", "%20", 1), p.File)
	assert.Len(t, p.Read, 8)
	assert.Positive(t, p.Offset)
	assert.NotContains(t, at, " ")
	_, at = drain(t, c, at)
	require.NoError(t, json.Unmarshal([]byte(at), &p))
	assert.Len(t, p.Read, 16)
	assert.LessOrEqual(t, len(at)-len(`{"read":""}`), 2*11+2, "checkpoints hold it")

	require.NoError(t, os.Remove(a))
	require.NoError(t, os.Remove(large))
	_, at = drain(t, c, at)
	assert.Equal(t, "", at, "files that are gone are forgotten")
	drop(t, dir, "a", "again\n", 1)
	got, _ := drain(t, c, at)
	assert.Len(t, got, 1)
}

func TestNamesThatAreNoText(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat("line\n", 80_000)
	path := drop(t, dir, "a\xff%20?", text, 1)
	b := read(t, watch(t, dir), "")
	rest, _ := drain(t, watch(t, dir), b.Next)
	same(t, expected(path, text, 1), slices.Concat(b.Records, rest))
}

func TestPositionsOfSomethingElse(t *testing.T) {
	c := watch(t, t.TempDir())
	for _, at := range []string{"17", "{", `{"seen":["?"]}`, `{"read":"AAAA"}`, `{"file":"%"}`} {
		t.Run(at, func(t *testing.T) {
			_, err := c.Read(t.Context(), "", at)
			assert.ErrorContains(t, err, "reading the position")
		})
	}
	assert.False(t, read(t, c, "").End.IsZero())
}

func TestPositionsOfOlderCheckpoints(t *testing.T) {
	dir := t.TempDir()
	a := drop(t, dir, "a", "a\n", 1)
	drop(t, dir, "b", "b\n", 2)
	old, err := json.Marshal(position{Seen: []string{strconv.FormatUint(hash(a), 36)}})
	require.NoError(t, err)
	got, _ := drain(t, watch(t, dir), string(old))
	assert.Equal(t, []string{"b@2 0+1 b"}, describe(got))
}
