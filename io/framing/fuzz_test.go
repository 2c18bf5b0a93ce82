package framing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"adtoorder/io/record"

	"github.com/stretchr/testify/require"
)

// checkPieces checks what holds of any text: pieces are in order, don't overlap, stand
// in the text where they say, are no longer than may be kept, and miss nothing but what
// stands between records. How the text is cut into blocks must not matter.
func checkPieces(t testing.TB, text string) []Piece {
	t.Helper()
	pieces := readAll(t, strings.NewReader(text))
	behind := int64(0)
	for _, p := range pieces {
		require.GreaterOrEqual(t, p.Offset, behind, "pieces overlap")
		require.Empty(t, strings.Trim(text[behind:p.Offset], " \t\r\n,[]\x1e\xef\xbb\xbf"), "a text is in no piece")
		require.LessOrEqual(t, len(p.Text), record.MaxSize)
		require.Equal(t, int64(strings.LastIndexByte(text[:p.Offset], '\n')+1), p.Line)
		behind = p.Offset + p.Size
		if held := heldBy(text[p.Offset:]); held != "" && string(p.Text) != text[p.Offset:behind] {
			require.Equal(t, held, string(p.Text))
			var all string
			behind = p.Offset + decoded(text[p.Offset:], &all)
			continue
		}
		require.True(t, strings.HasPrefix(text[p.Offset:], string(p.Text)))
		require.LessOrEqual(t, behind, int64(len(text)))
	}
	require.Empty(t, strings.Trim(text[behind:], " \t\r\n,[]\x1e\xef\xbb\xbf"), "a text is in no piece")
	if len(text) < 10_000 {
		require.Equal(t, pieces, readAll(t, iotest.OneByteReader(strings.NewReader(text))))
	}
	return pieces
}

// decoded decodes the JSON value that a text begins with, and returns its length, or 0.
func decoded(text string, into any) int64 {
	d := json.NewDecoder(strings.NewReader(text))
	if d.Decode(into) != nil {
		return 0
	}
	return d.InputOffset()
}

// heldBy returns what a JSON text holds that a text begins with; "" where it begins with
// none.
func heldBy(text string) (held string) {
	decoded(text, &held)
	return strings.TrimSpace(held)
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{"{\"a\":1}\n{\"b\":[{}]}{}", "[{\"a\":\"x\ny\"},{\n  \"b\" 1\n}",
		"\x1e{}\r\"{}\" x{{\"\":1}",
		"\xef\xbb\xbf{\"a\":\n{}\n \"{\\\"a\\\":1}\"", "{\"a\"x{\"b\":\"}\"}\\\"", "[1,\"a\":{"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { checkPieces(t, text) })
}

// wellFormed writes a random object.
func wellFormed(random *rand.Rand, n int) map[string]any {
	inner := []any{map[string]any{"Item{": "}I\"", "Price": 1.5, "x": nil}, []any{true, "é\n"}, map[string]any{}}
	return map[string]any{"n": n, "text": []string{"", "{", "}{", "\\\"", "\n", "]"}[random.IntN(6)],
		"inner": inner[:random.IntN(4)]}
}

// Objects in every framing, against encoding/json's reading.
func TestWellFormedTextsGiveTheirObjects(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var want []string
		var text bytes.Buffer
		array := random.IntN(3) == 0
		between := []string{"\n", "\r\n", "\r", "", " ", "\n\n", "\n\x1e", "\xef\xbb\xbf"}[random.IntN(8)]
		indent := []string{"", "", "  ", "\t"}[random.IntN(4)]
		for i := range random.IntN(40) {
			one, err := json.Marshal(wellFormed(random, i))
			require.NoError(t, err)
			if indent != "" {
				var pretty bytes.Buffer
				require.NoError(t, json.Indent(&pretty, one, "", indent))
				one = pretty.Bytes()
			}
			if want = append(want, string(one)); array && i > 0 {
				text.WriteByte(',')
			}
			text.Write(one)
			text.WriteString(between)
		}
		whole := text.String()
		if array {
			whole = "[" + whole + "]"
		}
		var got []string
		for _, p := range checkPieces(t, whole) {
			got = append(got, string(p.Text))
		}
		require.Equal(t, want, got, whole)
	}
}

// Whatever comes before it, a record that begins a line is found; and those on the line of
// one that was cut, unless the first may be a part of that.
func TestNoRecordIsLostBehindABrokenOne(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 3000 {
		var text strings.Builder
		var want []string
		begins, cut, cuts := true, "", 0 // of the line
		for i := range 12 {
			good := fmt.Sprintf(`{"n":%d,"text":"é}{","inner":[{"a":1},[{}]]}`, i)
			switch random.IntN(3) {
			case 0: // the start of one
				cut = good[:1+random.IntN(len(good)-1)]
				text.WriteString(cut)
				begins, cuts = false, cuts+1
			case 1:
				if begins || cuts == 0 || cuts == 1 && !strings.ContainsAny(cut[len(cut)-1:], ":[,") {
					want = append(want, good)
				}
				text.WriteString(good)
				begins = false
			default:
				text.WriteString([]string{"\n", "\r\n", "\nno JSON\n", "\n]\n", "\n\x1e"}[random.IntN(5)])
				begins, cut, cuts = true, "", 0
			}
		}
		var got []string
		for _, p := range checkPieces(t, text.String()) {
			got = append(got, string(p.Text))
		}
		for _, one := range want {
			require.True(t, slices.Contains(got, one), "round %d: %s of %q is not in %q", round, one, &text, got)
		}
	}
}

// A text is taken apart alike wherever its blocks end.
func TestBlocksMakeNoDifference(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var text strings.Builder
	for i := 0; text.Len() < 5*BlockSize; i++ {
		one, err := json.MarshalIndent(wellFormed(random, i), "", []string{"", "  "}[i%2])
		require.NoError(t, err)
		text.Write(one[:len(one)-random.IntN(2)*random.IntN(len(one))])
		text.WriteString([]string{"\n", "", ",\n", "\n\n", "x"}[random.IntN(5)])
	}
	want := readAll(t, strings.NewReader(text.String()))
	for _, before := range []int{1, 100, 1000, BlockSize / 2} {
		got := readAll(t, strings.NewReader(strings.Repeat("\n", before)+text.String()))
		require.Equal(t, len(want), len(got))
		for i := range want {
			got[i].Offset -= int64(before)
			got[i].Line = max(0, got[i].Line-int64(before))
			require.Equal(t, want[i], got[i])
		}
	}
}
