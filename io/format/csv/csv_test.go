package csv

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"adtoorder/io/framing"
	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readAll returns all rows of a text, and checks that blocks don't matter.
func readAll(t testing.TB, text string, l Layout) (all []framing.Piece) {
	t.Helper()
	r := NewReader(strings.NewReader(text), l)
	for {
		n := len(all)
		if all = r.Next(all); len(all) == n {
			break
		}
	}
	require.Equal(t, io.EOF, r.Err())
	require.EqualValues(t, len(text), r.Offset())
	return all
}

// read returns the rows of a file as texts, nil where it is none of CSV.
func read(t testing.TB, name, text string) (all []string) {
	t.Helper()
	l, ok := Find(name, []byte(text)[:min(len(text), HeaderSize)])
	if !ok {
		return nil
	}
	all = []string{}
	for _, p := range readAll(t, text, l) {
		one := string(p.Text)
		if p.Damage != "" {
			one = p.Damage + " " + one
		}
		all = append(all, one)
	}
	return all
}

func TestRows(t *testing.T) {
	for text, want := range map[string][]string{
		"a,b\n1,2\n3,4\n":                  {`{"a":"1","b":"2"}`, `{"a":"3","b":"4"}`},
		"a,b\r\n1,2\r\n\r\n3,4":            {`{"a":"1","b":"2"}`, `{"a":"3","b":"4"}`},
		"a,b\r1,2\r3,4":                    {`{"a":"1","b":"2"}`, `{"a":"3","b":"4"}`},
		"a;b\n1,5;2\n":                     {`{"a":"1,5","b":"2"}`},
		"a\tb\n1\t\n\t2\n":                 {`{"a":"1","b":""}`, `{"a":"","b":"2"}`},
		"\ufeffa,b\n1,2":                   {`{"a":"1","b":"2"}`},
		"sep=;\r\na;b\r\n1;2\r\n":          {`{"a":"1","b":"2"}`},
		"\"a\",\"b.c\"\n\"1\",\"2\"\n":     {`{"a":"1","b.c":"2"}`},
		"a,b\n\"x\ny\",\"say \"\"hi\"\"\"": {`{"a":"x\ny","b":"say \"hi\""}`},
		"a,b\n1\n2,3\n4,5,6\n7,8": {"bad_csv_row 1", `{"a":"2","b":"3"}`, "bad_csv_row 4,5,6",
			`{"a":"7","b":"8"}`},
		"a,b\n\"x\"y,1\n2,3\n":        {`bad_csv_row "x"y,1`, `{"a":"2","b":"3"}`},
		"a,b\n1,2\n\"3,4\n5,6\n":      {`{"a":"1","b":"2"}`, `bad_csv_row "3,4`, `{"a":"5","b":"6"}`},
		"a,b\n5\" nail,C:\\x\n\"\",é": {`{"a":"5\" nail","b":"C:\\x"}`, `{"a":"","b":"é"}`},
		"a,b\n1,\n2,":                 {`{"a":"1","b":""}`, `{"a":"2","b":""}`},
		"a,b\n":                       {},
		"a\n\"x\"y\n2":                {`bad_csv_row "x"y`, `{"a":"2"}`},
		"a\n1\n\n2":                   {`{"a":"1"}`, `{"a":"2"}`},
	} {
		assert.Equal(t, want, read(t, "x.CSV", text), "%q", text)
	}
}

// What is not named as CSV must look like it, and what looks like JSON never is.
func TestFind(t *testing.T) {
	for text, want := range map[string]bool{
		"OrderId,UserId\nO1,U1\n": true, "a;b\n1;2": true, "a\tb c\n1\t2": true, "a,b\n\"x\ny\",2\n": true,
		"Order Id,amount (EUR)\n1,2\n": true, "a,b,c\n1,2\n": false, "a,b\n": false, "a,b": false,
		"hello\nyou\n": false,
		"1,2\n3,4\n":   false, "": false, "oops, bad\n{\"a\":1,\"b\":2}\n": false, "a,b\n[1,2]\n": false,
	} {
		_, ok := Find("x", []byte(text))
		assert.Equal(t, want, ok, "%q", text)
	}
	for text, want := range map[string]bool{
		`{"a":1,"b":2}`: false, "[\n{\"a\":1}]": false, "\x1e{\"a\":1}": false, "\ufeff {\"a\":1}": false,
		`"{\"a\":1}"` + "\n": false, "a": true, "1,2": true, "": false,
	} {
		_, ok := Find("x.csv", []byte(text))
		assert.Equal(t, want, ok, "%q", text)
	}
}

// A quote that nothing closes costs its line, not the file.
func TestAQuoteThatIsNotClosed(t *testing.T) {
	const rows = 200_000
	text := "a,b\n1,2\n\"x,3\n" + strings.Repeat("4444,5555\n", rows)
	got := readAll(t, text, Layout{Separator: ',', Columns: []string{"a", "b"}, Start: 4})
	require.Len(t, got, rows+2)
	assert.Equal(t, Damage, got[1].Damage)
	assert.Equal(t, `"x,3`, string(got[1].Text))
	for _, p := range got[2:] {
		require.Equal(t, `{"a":"4444","b":"5555"}`, string(p.Text))
		require.Equal(t, "4444", text[p.Offset:p.Offset+4])
	}
}

func TestLongRowsAreCut(t *testing.T) {
	long := strings.Repeat("x", record.MaxSize)
	l := Layout{Separator: ',', Columns: []string{"a"}, Start: 2}
	got := readAll(t, "a\n"+long+"\n"+long+"\"\n\""+long+"\"\n1\n", l)
	require.Len(t, got, 4)
	for _, p := range got[:3] {
		assert.Len(t, p.Text, record.MaxKept)
		assert.Greater(t, p.Size, int64(record.MaxSize))
	}
	assert.Equal(t, `{"a":"1"}`, string(got[3].Text))
}

// A row that does not end costs itself, and no more memory than the longest one that is read.
func TestARowWithoutAnEnd(t *testing.T) {
	const size = 16 * record.MaxSize
	for name, long := range map[string]string{
		"one field": strings.Repeat("x", size), "empty fields": strings.Repeat(",", size),
		"a quote that is not closed": `"` + strings.Repeat("x", size), "quotes": strings.Repeat(`"x",`, size/4),
		"a broken quote": `"x"` + strings.Repeat("x", size),
	} {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			text := "a,b\n1,2\n" + long + end + "3,4\n5,6\n"
			r := NewReader(strings.NewReader(text), Layout{Separator: ',', Columns: []string{"a", "b"}, Start: 4})
			var got []framing.Piece
			for n := -1; n < len(got); {
				n = len(got)
				got = r.Next(got)
			}
			require.Len(t, got, 4, name)
			assert.Equal(t, `{"a":"1","b":"2"}`, string(got[0].Text))
			assert.Equal(t, framing.Piece{Text: []byte(long[:record.MaxKept]), Offset: 8, Line: 8,
				Size: int64(len(long)), Damage: Damage}, got[1], name)
			assert.Equal(t, `{"a":"3","b":"4"}`, string(got[2].Text))
			assert.EqualValues(t, strings.Index(text, "3,4"), got[2].Offset)
			assert.EqualValues(t, strings.Index(text, "5,6"), got[3].Offset)
			assert.EqualValues(t, len(text), r.Offset())
			assert.LessOrEqual(t, len(r.block), record.MaxSize+framing.BlockSize, name)
		}
	}
}

// What fails within a row that does not end leaves its start, and the offset before it.
func TestAFailureWithinALongRow(t *testing.T) {
	long := strings.Repeat("x", 4*record.MaxSize)
	text := io.MultiReader(strings.NewReader("a\n1\n"+long), iotest.ErrReader(io.ErrUnexpectedEOF))
	r := NewReader(text, Layout{Separator: ',', Columns: []string{"a"}, Start: 2})
	require.Len(t, r.Next(nil), 1)
	for range 2 {
		assert.Empty(t, r.Next(nil))
		assert.Equal(t, io.ErrUnexpectedEOF, r.Err())
		assert.Equal(t, long[:record.MaxKept], string(r.Rest()))
		assert.EqualValues(t, 4, r.Offset())
	}
}

// A reader that goes on from an offset gives what is behind it.
func TestSkip(t *testing.T) {
	text := "a,b\n1,2\n3,4\n5,6\n"
	l, _ := Find("x.csv", []byte(text))
	r := NewReader(strings.NewReader(text), l)
	require.NoError(t, r.Skip(8))
	got := r.Next(nil)
	require.Len(t, got, 2)
	assert.EqualValues(t, 8, got[0].Offset)
	assert.Equal(t, `{"a":"3","b":"4"}`, string(got[0].Text))
}

// FuzzRows compares rows with those of encoding/csv, where that reads all of them.
func FuzzRows(f *testing.F) {
	f.Add("1,2\n3,4\n")
	f.Add("\"x\n\",\"\"\"\"\r\n\n,\n")
	f.Add("a\"b,c\n\"d\"e,\n")
	f.Fuzz(func(t *testing.T, text string) {
		text = "h,i\n" + text
		l := Layout{Separator: ',', Columns: []string{"h", "i"}, Start: 4}
		got := readAll(t, text, l)
		var slow []framing.Piece
		r := NewReader(iotest.OneByteReader(strings.NewReader(text)), l)
		for n := -1; n < len(slow); {
			n = len(slow)
			slow = r.Next(slow)
		}
		require.Equal(t, got, slow)
		behind := int64(0)
		for _, p := range got {
			require.GreaterOrEqual(t, p.Offset, behind)
			behind = p.Offset + 1
			require.Equal(t, p.Damage == "", bytes.HasPrefix(p.Text, []byte(`{"h":`)))
		}
		std := csv.NewReader(strings.NewReader(text[4:]))
		std.FieldsPerRecord = 2
		want, err := std.ReadAll()
		if err != nil || strings.Contains(text, "\r") || !utf8.ValidString(text) {
			return
		}
		require.Len(t, got, len(want))
		for i, row := range want {
			var object struct{ H, I string }
			require.NoError(t, json.Unmarshal(got[i].Text, &object), "%s", got[i].Text)
			require.Equal(t, row, []string{object.H, object.I})
		}
	})
}

func BenchmarkRows(b *testing.B) {
	var text strings.Builder
	text.WriteString("EventId,UserId,Device,Event,EventType,Timestamp\n")
	for i := range 100_000 {
		fmt.Fprintf(&text, "E%d,U%d,mobile,P%d,Promotion,2026-11-01T00:00:00.000Z\n", i, i%1000, i%10)
	}
	for name, read := range map[string]func(io.Reader, []framing.Piece) (next func([]framing.Piece) []framing.Piece){
		"csv": func(in io.Reader, _ []framing.Piece) func([]framing.Piece) []framing.Piece {
			l, _ := Find("x.csv", []byte(text.String()[:HeaderSize]))
			return NewReader(in, l).Next
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				next := read(strings.NewReader(text.String()), nil)
				var batch []framing.Piece
				for {
					if batch = next(batch[:0]); len(batch) == 0 {
						break
					}
					rows += len(batch)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		})
	}
}
