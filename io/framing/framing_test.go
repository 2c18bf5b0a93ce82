package framing

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

// describe tells all of a piece but what of it is too long for a failure.
func describe(p Piece) string {
	kept := ""
	if int64(len(p.Text)) != p.Size {
		kept = fmt.Sprintf(" of which %d", len(p.Text))
	}
	return fmt.Sprintf("%d+%d%s %s", p.Offset, p.Size, kept, p.Text[:min(len(p.Text), 40)])
}

func readAll(t testing.TB, in io.Reader) (all []Piece) {
	r := NewReader(in, 0)
	for {
		some := r.Next(nil)
		if len(some) == 0 {
			require.Equal(t, io.EOF, r.Err())
			require.Empty(t, r.Rest())
			return all
		}
		all = append(all, some...)
	}
}

func described(t testing.TB, in io.Reader) (all []string) {
	for _, p := range readAll(t, in) {
		all = append(all, describe(p))
	}
	return all
}

func TestPieces(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":           {"", nil},
		"one a line":        {"{\"a\":1}\n{\"b\":2}\n", []string{`0+7 {"a":1}`, `8+7 {"b":2}`}},
		"no final line end": {"{\"a\":1}\n{\"b\":2}", []string{`0+7 {"a":1}`, `8+7 {"b":2}`}},
		"CRLF":              {"{\"a\":1}\r\n{\"b\":2}\r\n", []string{`0+7 {"a":1}`, `9+7 {"b":2}`}},
		"CR":                {"{\"a\":1}\r{\"b\":2}\r", []string{`0+7 {"a":1}`, `8+7 {"b":2}`}},
		"blank lines":       {"\n  \n\t\r\n {\"a\":1} \n\n", []string{`8+7 {"a":1}`}},
		"several on a line": {"{\"a\":1}{\"b\":{}} {\"c\":3}\n{\"d\":4}\n",
			[]string{`0+7 {"a":1}`, `7+8 {"b":{}}`, `16+7 {"c":3}`, `24+7 {"d":4}`}},
		"an array on a line":   {`[{"a":1}, {"b":[{}]}]`, []string{`1+7 {"a":1}`, `10+10 {"b":[{}]}`}},
		"an empty array":       {"[]\n[ ]\n", nil},
		"an array, one a line": {"[\n{\"a\":1},\n{\"b\":2}\n]\n", []string{`2+7 {"a":1}`, `11+7 {"b":2}`}},
		"a pretty array": {"[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": 2\n  }\n]\n",
			[]string{"4+16 {\n    \"a\": 1\n  }", "24+16 {\n    \"b\": 2\n  }"}},
		"pretty objects": {"{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n",
			[]string{"0+12 {\n  \"a\": 1\n}", "13+12 {\n  \"b\": 2\n}"}},
		"pretty, without indent": {"{\n\"a\":\n{\n\"c\":1\n}\n}\n", []string{"0+18 {\n\"a\":\n{\n\"c\":1\n}\n}"}},
		"record separators":      {"\x1e{\"a\":1}\n\x1e{\"b\":2}\n", []string{`1+7 {"a":1}`, `10+7 {"b":2}`}},
		"byte order marks": {"\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbf{\"b\":2}\n",
			[]string{`3+7 {"a":1}`, `14+7 {"b":2}`}},
		"braces in texts": {"{\"a\":\"}{\"}\n{\"b\":\"\\\"}{\"}\n",
			[]string{`0+10 {"a":"}{"}`, `11+12 {"b":"\"}{"}`}},
		"an object in a text": {"\"{\\\"a\\\":\\\"\\u00e9\\\"}\"\n{\"b\":2}\n",
			[]string{`0+10 {"a":"é"}`, `21+7 {"b":2}`}},
		"objects in texts": {`"{\"a\":1}""{\"b\":2}"`, []string{`0+7 {"a":1}`, `11+7 {"b":2}`}},
		"only once":        {`"\"{}\""`, []string{`0+8 "\"{}\""`}},
		"no JSON":          {"ab\ncd e\r\nf\rg\n", []string{"0+2 ab", "3+4 cd e", "9+1 f", "11+1 g"}},
		"values that are none": {"[1,2]\n\"a\"\n12\nnull\n",
			[]string{"0+5 [1,2]", `6+3 "a"`, "10+2 12", "13+4 null"}},
		"garbage in an array": {`[{"a":1},x,{"b":2}]`, []string{`1+7 {"a":1}`, `9+2 x,`, `11+7 {"b":2}`}},
		"an object behind garbage": {"INFO {\"a\":1} ok\n{\"b\":2}\n",
			[]string{"0+4 INFO", `5+7 {"a":1}`, "13+2 ok", `16+7 {"b":2}`}},
		"scalars that are none": {"{\"a\":NaN}\n{\"a\":tru}{\"b\":1}\n",
			[]string{`0+9 {"a":NaN}`, `10+9 {"a":tru}`, `19+7 {"b":1}`}},
		"a tab in a text": {"{\"a\":\"\t\"}{\"b\":2}\n", []string{"0+9 {\"a\":\"\t\"}", `9+7 {"b":2}`}},
		"single quotes":   {"{'a':{'b':1}}{\"b\":2}\n", []string{`0+13 {'a':{'b':1}}`, `13+7 {"b":2}`}},
		"a comma too many": {"{\"a\":[{\"x\":1},],}{\"b\":2}\n",
			[]string{`0+17 {"a":[{"x":1},],}`, `17+7 {"b":2}`}},
		"a bracket too many": {"{\"a\":1}}{\"b\":2}\n", []string{`0+7 {"a":1}`, `7+1 }`, `8+7 {"b":2}`}},
		"unescaped quotes": {"{\"a\":\"say {\"x\":1} please\"}\n{\"b\":2}\n",
			[]string{`0+26 {"a":"say {"x":1} please"}`, `27+7 {"b":2}`}},
		"a line end in a text": {"{\"a\":\"x\ny\"}\n{\"b\":2}\n",
			[]string{`0+7 {"a":"x`, `8+3 y"}`, `12+7 {"b":2}`}},
		"broken, pretty": {"{\n  \"a\" 1,\n  \"c\": [\n    {\"x\": 1}\n  ]\n}\n{\n  \"b\": 2\n}\n",
			[]string{"0+38 {\n  \"a\" 1,\n  \"c\": [\n    {\"x\": 1}\n  ]\n}", "39+12 {\n  \"b\": 2\n}"}},
		"cut within a text": {"{\"a\":\"x\n{\"b\":2}\n", []string{`0+7 {"a":"x`, `8+7 {"b":2}`}},
		"cut behind a colon": {"{\"a\":\n{\"b\":2}\n{\"c\":3}\n",
			[]string{`0+5 {"a":`, `6+7 {"b":2}`, `14+7 {"c":3}`}},
		"cut within an array": {"{\"a\":[\n{\"b\":2},\n{\"c\":3}]\n",
			[]string{`0+6 {"a":[`, `7+7 {"b":2}`, `16+7 {"c":3}`}},
		"cut, the next behind it": {"{\"a\":\"x{\"b\":2}{\"c\":\"3\"}\n",
			[]string{`0+7 {"a":"x`, `7+7 {"b":2}`, `14+9 {"c":"3"}`}},
		"cut outside of a text": {"{\"a\":1{\"b\":2}\n", []string{`0+6 {"a":1`, `6+7 {"b":2}`}},
		"cut, in a pretty array": {"[\n  {\n    \"a\":\n  {\n    \"b\": 2\n  }\n]\n",
			[]string{"4+10 {\n    \"a\":", "17+16 {\n    \"b\": 2\n  }"}},
		"indented lines": {"  {\"a\":\n  {\"b\":2}\n", []string{`2+5 {"a":`, `10+7 {"b":2}`}},
		"indented further in": {"[{}   ,{\"a\" 1, \"b\":\n  {\"b\":2}\n}\n",
			[]string{"1+2 {}", "7+24 {\"a\" 1, \"b\":\n  {\"b\":2}\n}"}},
		"cut at the end":        {"{\"b\":2}\n{\"a\":{\"c\"", []string{`0+7 {"b":2}`, `8+9 {"a":{"c"`}},
		"cut, then a separator": {"\x1e{\"a\":\"x\x1e{\"b\":2}\n", []string{`1+7 {"a":"x`, `9+7 {"b":2}`}},
		"the end of one":        {"1\"}\n{\"b\":2}\n", []string{`0+3 1"}`, `4+7 {"b":2}`}},
		"too deep": {strings.Repeat(`{"a":`, 301) + "1" + strings.Repeat("}", 301) + `{"b":2}`,
			[]string{`0+1807 {"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":`, `1807+7 {"b":2}`}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, described(t, strings.NewReader(test.text)))
			assert.Equal(t, test.want, described(t, iotest.OneByteReader(strings.NewReader(test.text))))
			assert.Equal(t, test.want, described(t, iotest.DataErrReader(strings.NewReader(test.text))))
			const before = BlockSize - 3 // so that a block ends within
			if strings.HasPrefix(test.text, " ") || strings.HasPrefix(test.text, "\n") {
				return
			}
			behind := described(t, strings.NewReader(strings.Repeat("\n", before)+test.text))
			assert.Len(t, behind, len(test.want), behind)
		})
	}
}

func TestPiecesTellTheirLine(t *testing.T) {
	var got []string
	text := "x\n {\"a\":1}{\"b\":2}\n{\n\"c\":3\n} {\"d\":4}\n\"\n"
	for _, p := range readAll(t, strings.NewReader(text)) {
		got = append(got, fmt.Sprint(p.Line, "-", p.Offset))
	}
	assert.Equal(t, []string{"0-0", "2-3", "2-10", "18-18", "26-28", "36-36"}, got)
}

// The piece may start anywhere in a block, and it may be the last.
func TestLongPieces(t *testing.T) {
	long := strings.Repeat("x", record.MaxSize+1)
	huge := strings.Repeat("x", 10_000_000)
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"no JSON":        {huge + "\r\n{\"b\":2}\n", []string{"0+10000000", "10000002+7"}},
		"of blocks":      {long + "\n" + long + "\n{}", []string{"0+1048577", "1048578+1048577", "2097156+2"}},
		"an object":      {`{"a":"` + long + `"}{"b":2}`, []string{"0+1048585", "1048585+7"}},
		"a huge object":  {`[{"a":"` + huge + `"},{"b":2}]`, []string{"1+10000008", "10000010+7"}},
		"cut":            {`{"a":"` + huge + "\n{\"b\":2}", []string{"0+10000006", "10000007+7"}},
		"cut, in a line": {`{"a":"` + huge + `{"b":2}{"c":3}`, []string{"0+10000013", "10000013+7"}},
		"cut, over lines": {"{\"a\":[\n  " + strings.Repeat(" 1,\n", 3_000_000) + "{\"b\":2}\n{\"c\":3}",
			[]string{"0+12000008", "12000009+7", "12000017+7"}},
		"at the end": {`{"a":"` + huge, []string{"0+10000006"}},
		"a text":     {`"` + huge + `"` + "\n{}", []string{"0+10000002", "10000003+2"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, before := range []int{0, 1, BlockSize - 2, BlockSize} {
				pieces := readAll(t, strings.NewReader(strings.Repeat("\n", before)+test.text))
				var got []string
				for _, p := range pieces {
					got = append(got, fmt.Sprintf("%d+%d", p.Offset-int64(before), p.Size))
					if p.Size > record.MaxSize {
						assert.Len(t, p.Text, record.MaxKept)
						assert.LessOrEqual(t, cap(p.Text), 2*record.MaxKept, "it shares the memory of its block")
					}
				}
				assert.Equal(t, test.want, got, "%d", before)
			}
		})
	}
}

func TestLongPiecesAreNotKept(t *testing.T) {
	huge := strings.Repeat("x", 10_000_000)
	for _, text := range []string{huge + "\n{}", `{"a":"` + huge + `"}{}`} {
		r := NewReader(strings.NewReader(text), 0)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.Len(t, r.Next(nil), 1)
		runtime.ReadMemStats(&after)
		// Each block once, and again the growing start up to MaxSize.
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(text)+5*record.MaxSize))
	}
}

func TestReaderKeepsWhatAnErrorCutShort(t *testing.T) {
	failed := errors.New("failed")
	r := NewReader(io.MultiReader(strings.NewReader("{}\ntwo\nthr"), iotest.ErrReader(failed)), 0)
	require.Len(t, r.Next(nil), 2)
	assert.Empty(t, r.Next(nil))
	assert.Equal(t, failed, r.Err())
	assert.Equal(t, "thr", string(r.Rest()))
	assert.EqualValues(t, 7, r.Offset())
}

func TestSkipLine(t *testing.T) {
	for _, n := range []int{0, 5, BlockSize - 1, BlockSize, 3 * BlockSize} {
		r := NewReader(strings.NewReader(strings.Repeat("x", n)+"\n{}\n"), 100)
		r.SkipLine()
		got := r.Next(nil)
		require.Len(t, got, 1, n)
		assert.EqualValues(t, 100+n+1, got[0].Offset)
		assert.EqualValues(t, 100+n+1, got[0].Line)
	}
	r := NewReader(strings.NewReader("x"), 0)
	r.SkipLine()
	assert.Empty(t, r.Next(nil))
}

// Of what is hard to read, a megabyte must take no minutes.
func TestHardText(t *testing.T) {
	for _, one := range []string{"{", `{"a":`, "{\"a\":\n", `{"a":[`, "[", "[[]", `{"a"x`,
		`x{"a":[1,`, `{"a":"{`, `"{`, "{\"a\":[\n{},\n", `{ `, "\\", "{\"a\":1,\n "} {
		n := 2 * record.MaxSize / len(one)
		text := strings.Repeat(one, n) + "\n{\"b\":2}\n"
		pieces := readAll(t, strings.NewReader(text))
		assert.Equal(t, `{"b":2}`, string(pieces[len(pieces)-1].Text), one)
	}
}

func BenchmarkReader(b *testing.B) {
	const click = `{"EventId":"E100001","UserId":"U1025","Device":"desktop","Event":"P603","EventType":"Promotion","Timestamp":"2026-11-01T18:00:01.020Z"}`
	const order = `{"OrderId":"O100001","UserId":"U6165","Timestamp":"2026-11-01T18:00:17.906Z","OrderLines":[{"ItemId":"I250","Promotion":"P606","UnitPrice":99.48,"Quantity":2},{"ItemId":"I67","Promotion":"","UnitPrice":15.18,"Quantity":1}]}`
	for _, one := range []struct{ name, record, end string }{
		{"clicks", click, "\n"}, {"orders", order, "\n"}, {"clicks on one line", click, ""},
	} {
		b.Run(one.name, func(b *testing.B) {
			text := bytes.Repeat([]byte(one.record+one.end), 10<<20/len(one.record))
			b.SetBytes(int64(len(text)))
			var pieces []Piece
			for b.Loop() {
				r := NewReader(bytes.NewReader(text), 0)
				for {
					if pieces = r.Next(pieces[:0]); len(pieces) == 0 {
						break
					}
				}
			}
		})
	}
}
