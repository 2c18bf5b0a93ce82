package message

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"adtoorder/io/compression"
	"adtoorder/io/record"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// split returns the positions and payloads of the records in a message.
func split(payload string) (all []string) {
	var s Splitter
	m := record.Record{Payload: []byte(payload), Size: int64(len(payload)), Source: "kafka:t/0", Offset: 12, Time: 7}
	for _, r := range s.Split(nil, m) {
		text := r.Position() + " " + string(r.Payload)
		if r.Damage != "" {
			text = r.Position() + " " + r.Damage
		}
		if r.Source != m.Source || r.Time != m.Time || r.Offset != m.Offset {
			text += " is of another message"
		}
		all = append(all, text)
	}
	return all
}

func TestSplit(t *testing.T) {
	for payload, want := range map[string][]string{
		`{"a":1}`:                      {`12 {"a":1}`},
		"{\"a\":[{}]}\n":               {`12 {"a":[{}]}`},
		"{\n  \"a\": 1\n}\n":           {"12 {\n  \"a\": 1\n}"},
		"{\"a\":\"x\n{\"b\":1}}":       {"12 {\"a\":\"x", `12/2 {"b":1}`, "12/3 }"},
		`{"a":1}{"b":2}`:               {`12 {"a":1}`, `12/2 {"b":2}`},
		"{\"a\":1}\n{\"b\":2}\r\n":     {`12 {"a":1}`, `12/2 {"b":2}`},
		`[{"a":1}, {"b":2},{"c":3}]`:   {`12 {"a":1}`, `12/2 {"b":2}`, `12/3 {"c":3}`},
		`{"a":1}oops{"b":2}`:           {`12 {"a":1}`, "12/2 oops", `12/3 {"b":2}`},
		"\x1e{\"a\":1}\n\x1e{\"b\":2}": {`12 {"a":1}`, `12/2 {"b":2}`},
		"\ufeff{\"a\":1}":              {`12 {"a":1}`},
		`"{\"a\":1}"`:                  {`12 {"a":1}`},
		"[]":                           nil,
		"":                             {"12 "},
		" \n ":                         {"12  \n "},
		"hello":                        {"12 hello"},
		"\x0a\x01{\x12\n{}\n":          {"12 \x0a\x01{\x12\n{}\n"}, // of protobuf
		"{\"a\":\"\x01\"}{}":           {"12 {\"a\":\"\x01\"}", "12/2 {}"},
		"\x1f\x8b\x08":                 {"12 corrupt_gzip"},
	} {
		assert.Equal(t, want, split(payload), "%q", payload)
	}
}

// packers compress a text.
var packers = map[string]func(io.Writer) io.WriteCloser{
	"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	"zstd": func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w)
		if err != nil {
			panic(err)
		}
		return z
	},
	"lz4":    func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) },
	"snappy": func(w io.Writer) io.WriteCloser { return s2.NewWriter(w, s2.WriterSnappyCompat()) },
}

func packed(t testing.TB, how string, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := packers[how](&out)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

func TestCompressedMessages(t *testing.T) {
	for how := range packers {
		message := packed(t, how, `[{"a":1},{"b":2}]`)
		assert.Equal(t, []string{`12 {"a":1}`, `12/2 {"b":2}`}, split(message), how)
		assert.Equal(t, []string{"12 corrupt_" + how}, split(message[:len(message)-3]), how)
	}
}

// What a small message becomes is bounded.
func TestBombs(t *testing.T) {
	for name, c := range map[string]struct{ message, damage string }{
		"text":            {packed(t, "gzip", strings.Repeat("x", MaxText+1)), TooLong},
		"records, packed": {packed(t, "zstd", strings.Repeat("{}", MaxRecords+1)), TooMany},
		"records":         {strings.Repeat("{}", MaxRecords+1), TooMany},
	} {
		t.Run(name, func(t *testing.T) {
			var s Splitter
			got := s.Split(nil, record.Record{Payload: []byte(c.message)})
			require.Len(t, got, 1)
			assert.Equal(t, c.damage, got[0].Damage)
			assert.LessOrEqual(t, len(got[0].Payload), record.MaxSize)
		})
	}
}

// A batch of messages that hold much ends before it takes all memory.
func TestABatchIsFull(t *testing.T) {
	var s Splitter
	bomb := record.Record{Payload: []byte(packed(t, "gzip", `{"a":"`+strings.Repeat("x", MaxText/2)+`"}`))}
	one := record.Record{Payload: []byte(`{"a":1}`)}
	for range 1000 {
		s.Split(nil, one)
	}
	s.Split(nil, bomb)
	assert.False(t, s.Full())
	s.Split(nil, bomb)
	assert.True(t, s.Full())
	s.Reset()
	assert.False(t, s.Full())
}

func TestALongMessageIsCut(t *testing.T) {
	var s Splitter
	long := strings.Repeat("x", record.MaxSize)
	got := s.Split(nil, record.Record{Payload: []byte(`{"a":"` + long + `"}{"b":2}`)})
	require.Len(t, got, 2)
	assert.Len(t, got[0].Payload, record.MaxKept)
	assert.EqualValues(t, record.MaxSize+8, got[0].Size)
	assert.Equal(t, `{"b":2}`, string(got[1].Payload))
}

// Whatever a message holds: nothing is in a record that is not in the message, a
// well-formed one is found as it is, and positions differ.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{`{"a":1}{"b":[{}]}`, "[{\"a\":\"x\ny\"},{\n \"b\" 1\n}",
		"\x1e{}\r\"{}\" x{{\"\":1}", "[]", "\x00"} {
		f.Add([]byte(seed))
		for how := range packers {
			f.Add([]byte(packed(f, how, seed)))
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var s Splitter
		was := bytes.Clone(payload)
		records := s.Split(nil, record.Record{Payload: payload, Offset: 3})
		require.Equal(t, was, payload, "the message was changed")
		positions := map[string]bool{}
		for i, r := range records {
			require.False(t, positions[r.Position()], "a position twice")
			positions[r.Position()] = true
			require.Equal(t, i == 0, r.Position() == "3")
			if compression.Of(payload) == nil && r.Damage == "" {
				inText, _ := json.Marshal(string(r.Payload))
				require.True(t, bytes.Contains(payload, r.Payload) || bytes.ContainsAny(payload, `"`),
					"%s is not in the message", inText)
			}
		}
		var object map[string]any
		if json.Unmarshal(payload, &object) == nil && object != nil {
			require.Len(t, records, 1)
			require.Equal(t, bytes.TrimSpace(payload), bytes.TrimSpace(records[0].Payload))
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	click := `{"EventId":"E%d","UserId":"U17","Device":"mobile","Event":"P601","EventType":"Promotion",` +
		`"Timestamp":"2026-11-01T00:00:00.000Z"}`
	var ten []string
	for i := range 10 {
		ten = append(ten, fmt.Sprintf(click, i))
	}
	for name, c := range map[string]struct {
		message string
		records int
	}{
		"one": {ten[0], 1}, "array of ten": {"[" + strings.Join(ten, ",") + "]", 10},
		"lines of ten": {strings.Join(ten, "\n"), 10}, "gzip of ten": {packed(b, "gzip", strings.Join(ten, "\n")), 10},
		"gzip of one": {packed(b, "gzip", ten[0]), 1}, "zstd of one": {packed(b, "zstd", ten[0]), 1},
	} {
		b.Run(name, func(b *testing.B) {
			var s Splitter
			var into []record.Record
			m := record.Record{Payload: []byte(c.message), Offset: 1234567}
			b.ReportAllocs()
			for b.Loop() {
				into = s.Split(into[:0], m)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.records), "ns/record")
		})
	}
}
