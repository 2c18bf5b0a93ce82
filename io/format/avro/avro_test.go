package avro

import (
	"bytes"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"adtoorder/io/framing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"
)

const schema = `{"type":"record","name":"Order","fields":[
	{"name":"OrderId","type":"string"},
	{"name":"Timestamp","type":{"type":"long","logicalType":"timestamp-micros"}},
	{"name":"Local","type":["null",{"type":"long","logicalType":"local-timestamp-millis"}]},
	{"name":"Day","type":{"type":"int","logicalType":"date"}},
	{"name":"Price","type":["null",{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}]},
	{"name":"Lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[
		{"name":"Promotion","type":["null","string"]},{"name":"Quantity","type":"int"}]}}},
	{"name":"Tags","type":{"type":"map","values":"double"}},
	{"name":"Raw","type":"bytes"},
	{"name":"Big","type":"long"},
	{"name":"Kind","type":{"type":"enum","name":"Kind","symbols":["A","B"]}}]}`

func orders() []map[string]any {
	return []map[string]any{
		{"OrderId": "O\"0", "Timestamp": time.Date(2026, 11, 1, 0, 0, 0, 5000, time.UTC), "Local": int64(1793491200000),
			"Day": int32(20758), "Price": big.NewRat(-1999, 100),
			"Lines": []any{map[string]any{"Promotion": "P1", "Quantity": 2},
				map[string]any{"Promotion": nil, "Quantity": 1}},
			"Tags": map[string]any{"b": 0.5, "a": 1e300}, "Raw": []byte{0xff}, "Big": int64(1<<53 + 1), "Kind": "B"},
		{"OrderId": "O1", "Timestamp": time.UnixMilli(0), "Local": nil, "Day": int32(0), "Price": nil, "Lines": []any{},
			"Tags": map[string]any{}, "Raw": []byte("x"), "Big": int64(-1), "Kind": "A"},
	}
}

var want = []string{`{"Big":9007199254740993,"Day":"2026-11-01","Kind":"B","Lines":[{"Promotion":"P1","Quantity":2},` +
	`{"Promotion":null,"Quantity":1}],"Local":"2026-11-01T00:00:00","OrderId":"O\"0","Price":-19.99,"Raw":"/w==",` +
	`"Tags":{"a":1e+300,"b":0.5},"Timestamp":"2026-11-01T00:00:00.000005Z"}`,
	`{"Big":-1,"Day":"1970-01-01","Kind":"A","Lines":[],"Local":null,"OrderId":"O1","Price":null,"Raw":"x","Tags":{},` +
		`"Timestamp":"1970-01-01T00:00:00Z"}`}

// file writes the orders so many times.
func file(t testing.TB, times int, codec ...ocf.WriterOpt) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := ocf.NewWriter(&out, avro.MustParse(schema), codec...)
	require.NoError(t, err)
	for range times {
		for _, one := range orders() {
			require.NoError(t, w.Encode(one))
		}
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func readAll(in io.Reader, skip int64) (all []framing.Piece, err error) {
	r, err := NewReader(in)
	if err != nil {
		return nil, err
	}
	if err := r.Skip(skip); err != nil {
		return nil, err
	}
	for {
		n := len(all)
		if all = r.Next(all); len(all) == n {
			return all, r.Err()
		}
	}
}

func TestAppend(t *testing.T) {
	s, err := Parse(schema)
	require.NoError(t, err)
	for i, one := range orders() {
		datum, err := avro.MustParse(schema).Encode(one)
		require.NoError(t, err)
		got, err := s.Append(nil, datum)
		require.NoError(t, err)
		assert.Equal(t, want[i], string(got))
		_, err = s.Append(nil, datum[:len(datum)-1])
		assert.Error(t, err)
		_, err = s.Append(nil, append(datum, 0))
		assert.Error(t, err)
	}
	_, err = Parse("{")
	assert.ErrorContains(t, err, "reading the schema")
}

func TestFiles(t *testing.T) {
	for _, codec := range []ocf.Codec{ocf.SnappyCodec(), ocf.DeflateCodec(6), ocf.MustZstdCodec(nil, nil)} {
		all, err := readAll(bytes.NewReader(file(t, 3_000, ocf.WithCodec(codec))), 0)
		require.Equal(t, io.EOF, err)
		require.Len(t, all, 6_000)
		for i, p := range all {
			require.Equal(t, want[i%2], string(p.Text))
			require.EqualValues(t, i, p.Offset)
		}
	}
	all, err := readAll(bytes.NewReader(file(t, 2)), 3)
	require.Equal(t, io.EOF, err)
	require.Len(t, all, 1)
	assert.Equal(t, fmt.Sprint(3, want[1]), fmt.Sprint(all[0].Offset, string(all[0].Text)))
}

// What is cut or changed in a file is an error or another value, never a panic.
func TestDamage(t *testing.T) {
	whole := file(t, 2)
	random := rand.New(rand.NewPCG(1, 2))
	for range 3_000 {
		broken := bytes.Clone(whole)
		broken[random.IntN(len(broken))] = byte(random.IntN(256))
		if random.IntN(2) == 0 {
			broken = broken[:random.IntN(len(broken))]
		}
		got, err := readAll(bytes.NewReader(broken), 0)
		require.Error(t, err)
		require.Less(t, len(got), 10_000)
	}
}
