package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// span is a line as the tests compare it: long ones would flood a failure.
type span struct {
	text         string // its first bytes
	offset, size int64
	kept         int // bytes of the payload
}

func spanOf(l line) span {
	return span{string(l.text[:min(len(l.text), 40)]), l.offset, l.size, len(l.text)}
}

// split is what lines must find, in the simplest words.
func split(text string) (spans []span) {
	offset := int64(0)
	for _, one := range strings.SplitAfter(text, "\n") {
		bare := one
		if cut, ok := strings.CutSuffix(one, "\r\n"); ok {
			bare = cut
		} else if cut, ok := strings.CutSuffix(one, "\n"); ok {
			bare = cut
		}
		if bare != "" {
			l := line{[]byte(bare), offset, int64(len(bare))}
			if len(bare) > record.MaxSize {
				l.text = l.text[:record.MaxKept]
			}
			spans = append(spans, spanOf(l))
		}
		offset += int64(len(one))
	}
	return spans
}

func readAll(t *testing.T, in io.Reader) (spans []span) {
	text := &lines{in: in}
	for {
		batch := text.next(nil)
		if len(batch) == 0 {
			require.Equal(t, io.EOF, text.err)
			require.Empty(t, text.rest)
			return spans
		}
		for _, l := range batch {
			spans = append(spans, spanOf(l))
		}
	}
}

func TestLines(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []span
	}{
		"nothing":               {"", nil},
		"one line":              {"ab\n", []span{{"ab", 0, 2, 2}}},
		"no final line end":     {"a\nbc", []span{{"a", 0, 1, 1}, {"bc", 2, 2, 2}}},
		"CRLF":                  {"a\r\nbc\r\n", []span{{"a", 0, 1, 1}, {"bc", 3, 2, 2}}},
		"LF and CRLF":           {"a\nb\r\nc\n", []span{{"a", 0, 1, 1}, {"b", 2, 1, 1}, {"c", 5, 1, 1}}},
		"empty lines":           {"\n\na\n\r\n\nb\n\n", []span{{"a", 2, 1, 1}, {"b", 7, 1, 1}}},
		"only line ends":        {"\n\r\n\n", nil},
		"CR within a line":      {"a\rb\n", []span{{"a\rb", 0, 3, 3}}},
		"CR without LF, at end": {"a\r", []span{{"a\r", 0, 2, 2}}},
		"one of two CRs":        {"a\r\r\n", []span{{"a\r", 0, 2, 2}}},
		"a CR alone":            {"\r\r\n", []span{{"\r", 0, 1, 1}}},
		"spaces stay":           {" a \n \n", []span{{" a ", 0, 3, 3}, {" ", 4, 1, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, readAll(t, strings.NewReader(test.text)))
			assert.Equal(t, test.want, readAll(t, iotest.OneByteReader(strings.NewReader(test.text))))
			assert.Equal(t, test.want, readAll(t, iotest.DataErrReader(strings.NewReader(test.text))))
			assert.Equal(t, test.want, split(test.text), "the tests' own reading")
		})
	}
}

func TestLinesAcrossBlockEdges(t *testing.T) {
	for _, end := range []string{"\n", "\r\n"} {
		for size := blockSize - 4; size <= blockSize+4; size++ {
			text := strings.Repeat("x", size) + end + "next" + end + strings.Repeat("y", blockSize) + end + end + "last"
			require.Equal(t, split(text), readAll(t, strings.NewReader(text)), "%d bytes, then %q", size, end)
		}
	}
	var many strings.Builder // no line end at the same place of any two blocks
	for i := 0; many.Len() < 3*blockSize; i++ {
		fmt.Fprintf(&many, "%0*d\r\n", i%71, i)
	}
	assert.Equal(t, split(many.String()), readAll(t, strings.NewReader(many.String())))
	assert.Equal(t, split(many.String()), readAll(t, iotest.HalfReader(strings.NewReader(many.String()))))
}

// The line may start anywhere in a block, its line end may lie across two, and
// it may be the last.
func TestLinesOfTheLongestSize(t *testing.T) {
	for size := record.MaxSize - 1; size <= record.MaxSize+2; size++ {
		for _, before := range []int{0, 2, blockSize - 2, blockSize - 1, blockSize, blockSize + 1} {
			for _, after := range []string{"\nnext\n", "\r\nnext\r\n", "", "\n", "\r\n"} {
				text := strings.Repeat("\n", before) + strings.Repeat("x", size) + after
				got := readAll(t, strings.NewReader(text))
				require.Equal(t, split(text), got, "%d bytes behind %d, then %q", size, before, after)
				kept := size
				if size > record.MaxSize {
					kept = record.MaxKept
				}
				require.Equal(t, kept, got[0].kept)
			}
		}
	}
}

func TestLinesTellTheSizeOfVeryLongLines(t *testing.T) {
	const long = 10_000_000
	for _, end := range []string{"\n", "\r\n"} {
		text := "a" + end + strings.Repeat("x", long) + end + "b" + end + strings.Repeat("y", long) + end + "c"
		got := readAll(t, strings.NewReader(text))
		require.Equal(t, split(text), got)
		assert.Len(t, got, 5)
		assert.EqualValues(t, long, got[1].size)
		assert.Equal(t, record.MaxKept, got[1].kept)
	}
}

func TestLinesKeepNoMoreOfLongLinesThanTheyReturn(t *testing.T) {
	for _, size := range []int{record.MaxSize + 1, 10_000_000} {
		text := append(bytes.Repeat([]byte{'x'}, size), "\nnext"...)
		reading := &lines{in: bytes.NewReader(text)}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		long := reading.next(nil)[0]
		runtime.ReadMemStats(&after)
		assert.LessOrEqual(t, cap(long.text), 2*record.MaxKept, "the line shares the memory of its block")
		// Each block once, and again the growing start up to MaxSize.
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size+5*record.MaxSize), "what was read is kept")
	}
}

func TestLinesKeepWhatAnErrorCutShort(t *testing.T) {
	broken := errors.New("broken")
	in := io.MultiReader(strings.NewReader("one\ntwo\nthr"), iotest.ErrReader(broken))
	text := &lines{in: in}
	batch := text.next(nil)
	require.Len(t, batch, 2)
	assert.Equal(t, "two", string(batch[1].text))
	assert.Empty(t, text.next(nil))
	assert.Equal(t, broken, text.err)
	assert.Equal(t, "thr", string(text.rest))
	assert.EqualValues(t, 8, text.offset)
}
