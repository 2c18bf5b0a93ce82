package parquet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"adtoorder/io/framing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type line struct {
	ItemID    string   `parquet:"ItemId"`
	Promotion *string  `parquet:"Promotion"`
	UnitPrice int64    `parquet:"UnitPrice,decimal(2:18)"`
	Tags      []string `parquet:"Tags,list"`
}

type order struct {
	OrderID string            `parquet:"OrderId"`
	At      time.Time         `parquet:"At,timestamp(microsecond)"`
	Lines   []line            `parquet:"OrderLines,list"`
	Bare    []int32           `parquet:"Bare"`
	Names   map[string]string `parquet:"Names"`
	Some    *struct {
		Price float64 `parquet:"Price"`
	} `parquet:"Some"`
	Day  int32             `parquet:"Day,date"`
	Big  int64             `parquet:"Big"`
	Raw  []byte            `parquet:"Raw"`
	ID   [16]byte          `parquet:"Id,uuid"`
	Old  deprecated.Int96  `parquet:"Old"`
	Flag bool              `parquet:"Flag"`
	U    uint64            `parquet:"U"`
	Nums map[int32]float32 `parquet:"Nums"`
}

func write[T any](t testing.TB, rows []T, options ...parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, options...)
	_, err := w.Write(rows)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func readAll(t testing.TB, file []byte) (all []framing.Piece, err error) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	for {
		n := len(all)
		if all = r.Next(all); len(all) == n {
			return all, r.Err()
		}
	}
}

func TestRows(t *testing.T) {
	p := "P\"1"
	rows := []order{{OrderID: "O0", At: time.Date(2026, 11, 1, 0, 0, 0, 250_000_000, time.UTC), Bare: []int32{1, 2},
		Lines: []line{{ItemID: "I1", Promotion: &p, UnitPrice: 1999, Tags: []string{"a", "b"}},
			{ItemID: "I2", UnitPrice: -5}},
		Names: map[string]string{"k": "v"}, Day: 20758, Big: math.MaxInt64, Raw: []byte("text"), Flag: true,
		Some: &struct {
			Price float64 `parquet:"Price"`
		}{19.99},
		ID: [16]byte{0xab, 15: 1}, Old: deprecated.Int96{0, 0, 2440588},
		U: math.MaxUint64, Nums: map[int32]float32{7: 0.5}},
		{OrderID: "O1", Raw: []byte{0xff, 0}, Lines: []line{}}}
	got, err := readAll(t, write(t, rows))
	require.Equal(t, io.EOF, err)
	require.Len(t, got, 2)
	assert.Equal(t, `{"OrderId":"O0","At":"2026-11-01T00:00:00.25Z","OrderLines":[`+
		`{"ItemId":"I1","Promotion":"P\"1","UnitPrice":19.99,"Tags":["a","b"]},`+
		`{"ItemId":"I2","Promotion":null,"UnitPrice":-0.05,"Tags":[]}],"Bare":[1,2],"Names":{"k":"v"},`+
		`"Some":{"Price":19.99},"Day":"2026-11-01","Big":9223372036854775807,"Raw":"text",`+
		`"Id":"ab000000-0000-0000-0000-000000000001","Old":"1970-01-01T00:00:00Z","Flag":true,`+
		`"U":18446744073709551615,"Nums":{"7":0.5}}`, string(got[0].Text))
	assert.Contains(t, string(got[1].Text), `"OrderLines":[],"Bare":[],"Names":{},"Some":null,"Day":"1970-01-01"`)
	assert.Contains(t, string(got[1].Text), `"Raw":"/wA="`)
	assert.EqualValues(t, 1, got[1].Offset)
}

// Rows are those that the library itself decodes, over pages and groups of rows.
func TestManyRows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var rows []order
	for i := range 3_000 {
		o := order{OrderID: fmt.Sprint(i)}
		for j := range random.IntN(4) {
			one := line{ItemID: fmt.Sprint(j), UnitPrice: random.Int64N(1000)}
			for range random.IntN(3) {
				one.Tags = append(one.Tags, fmt.Sprint(random.IntN(9)))
			}
			o.Lines = append(o.Lines, one)
		}
		rows = append(rows, o)
	}
	file := write(t, rows, parquet.MaxRowsPerRowGroup(700), parquet.PageBufferSize(512))
	got, err := readAll(t, file)
	require.Equal(t, io.EOF, err)
	require.Len(t, got, len(rows))
	for i, p := range got {
		var o struct {
			OrderID string `json:"OrderId"`
			Lines   []struct {
				ItemID    string `json:"ItemId"`
				UnitPrice json.Number
				Tags      []string
			} `json:"OrderLines"`
		}
		require.NoError(t, json.Unmarshal(p.Text, &o), "%s", p.Text)
		require.Equal(t, rows[i].OrderID, o.OrderID)
		require.Len(t, o.Lines, len(rows[i].Lines))
		for j, l := range o.Lines {
			want := rows[i].Lines[j]
			whole, cents := want.UnitPrice/100, want.UnitPrice%100
			require.Equal(t, fmt.Sprintf("%s %d.%02d %v", want.ItemID, whole, cents, want.Tags),
				fmt.Sprintf("%s %s %v", l.ItemID, l.UnitPrice, l.Tags))
		}
	}
	for _, offset := range []int64{0, 5, 700, 1999, 2999, 3000} {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)))
		require.NoError(t, err)
		require.NoError(t, r.Skip(offset))
		var behind []framing.Piece
		for n := -1; n < len(behind); {
			n = len(behind)
			behind = r.Next(behind)
		}
		require.Equal(t, len(rows)-int(offset), len(behind))
		require.Equal(t, texts(got[offset:]), texts(behind))
	}
}

func texts(all []framing.Piece) (texts []string) {
	for _, p := range all {
		texts = append(texts, fmt.Sprintf("%d %s", p.Offset, p.Text))
	}
	return texts
}

// What is cut or changed in a file is an error, never a panic.
func TestDamage(t *testing.T) {
	file := write(t, []order{{OrderID: "O0", Names: map[string]string{"a": "b"}}, {OrderID: "O1"}})
	random := rand.New(rand.NewPCG(1, 2))
	for range 3_000 {
		broken := bytes.Clone(file)
		for range 1 + random.IntN(3) {
			broken[random.IntN(len(broken))] = byte(random.IntN(256))
		}
		if random.IntN(4) == 0 {
			broken = broken[:random.IntN(len(broken))]
		}
		got, err := readAll(t, broken)
		require.LessOrEqual(t, len(got), 1_000)
		require.Error(t, err)
	}
}

// BenchmarkRows takes rows of clicks.
func BenchmarkRows(b *testing.B) {
	type click struct {
		EventID   string `parquet:"EventId"`
		UserID    string `parquet:"UserId"`
		Device    string `parquet:",dict"`
		Event     string `parquet:",dict"`
		EventType string `parquet:",dict"`
		Timestamp time.Time
	}
	var rows []click
	for i := range 100_000 {
		rows = append(rows, click{fmt.Sprintf("E%d", i), fmt.Sprintf("U%d", i%1000), "mobile", fmt.Sprintf("P%d", i%10),
			"Promotion", time.UnixMilli(1793491200000 + int64(i))})
	}
	file := write(b, rows, parquet.Compression(&parquet.Snappy))
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)))
		require.NoError(b, err)
		var batch []framing.Piece
		for {
			if batch = r.Next(batch[:0]); len(batch) == 0 {
				break
			}
			n += len(batch)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/row")
}
