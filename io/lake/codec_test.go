package lake

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"adtoorder/io/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// samples are rows whose values are the ends of what they can be.
func samples() []row {
	rows := []row{
		{},
		{1793491200123, "P601", 3, 1, nil, table.Bytes("text"), true},
		{253402300800000, "é€😀", math.MaxInt64, math.MinInt64, nil, table.Bytes("\xff\x00<>&\u2028"), false},
		{-1, "data:;base64,", -1, 0, nil, table.Bytes("data:;base64,"), true},
		{0, "line\nends\r\n", 0, 0, nil, table.Bytes(`{"a":"\u0000"}`), false},
		{5, strings.Repeat("long ", 1000), 0, 0, nil, table.Bytes(strings.Repeat("x", 64<<10)), false},
	}
	for i := range 3_000 { // more than one page of Parquet
		rows = append(rows, rowOf(table.Time(i), fmt.Sprint("P", i%7), int64(i), int64(i*i)))
	}
	for i := range rows {
		rows[i].Derive()
	}
	return rows
}

// text makes rows comparable: files don't tell nil from an empty payload.
func text(rows []row) (lines []string) {
	for _, r := range rows {
		mean := "none"
		if r.Mean != nil {
			mean = fmt.Sprint(*r.Mean)
		}
		lines = append(lines, fmt.Sprintf("%s %q %d %d %s %q %t", r.Start, r.Name, r.Count, r.Total, mean,
			string(r.Payload), r.Cut))
	}
	return lines
}

func TestRoundTrip(t *testing.T) {
	for _, format := range Formats() {
		for _, rows := range [][]row{nil, samples()[:1], samples()} {
			file, err := encode(format, rows)
			require.NoError(t, err)
			got, err := decode[row](format, file)
			require.NoError(t, err)
			require.Equal(t, text(rows), text(got), format)
		}
	}
}

func TestTheSameRowsGiveTheSameBytes(t *testing.T) {
	for _, format := range Formats() {
		first, err := encode(format, samples())
		require.NoError(t, err)
		rows, err := decode[row](format, first)
		require.NoError(t, err)
		for range 3 {
			again, err := encode(format, rows)
			require.NoError(t, err)
			require.Equal(t, first, again, format)
		}
	}
}

func TestJSONL(t *testing.T) {
	rows := []row{rowOf(1793491200000, "<P601>", 3, 1), {Start: 1, Payload: table.Bytes("\xff")}}
	file, err := encode(JSONL, rows)
	require.NoError(t, err)
	assert.Equal(t, `{"start":"2026-11-01T00:00:00Z","name":"<P601>","count":3,"total":1,"mean":0.3333333333333333,"payload":"","cut":false}
{"start":"1970-01-01T00:00:00.001Z","name":"","count":0,"total":0,"mean":null,"payload":"data:;base64,/w==","cut":false}
`, string(file))
}

func TestDecodeRefusesHalfAFile(t *testing.T) {
	for _, format := range Formats() {
		file, err := encode(format, samples()[:6])
		require.NoError(t, err)
		for _, broken := range [][]byte{file[:len(file)/2], file[:len(file)-3], append([]byte("x"), file...)} {
			_, err := decode[row](format, broken)
			assert.Error(t, err, format)
		}
	}
	_, err := decode[row](Parquet, nil)
	assert.Error(t, err)
}

// The Parquet reader panics on some of these, which must not end the process.
func TestDecodeOfACutFileIsAnErrorAtAnyLength(t *testing.T) {
	for _, format := range Formats() {
		file, err := encode(format, samples()[1:2])
		require.NoError(t, err)
		for end := 1; end < len(file)-1; end++ { // JSON can do without its last line end
			require.NotPanics(t, func() {
				rows, err := decode[row](format, file[:end])
				require.Error(t, err, "%s, %d bytes of %d", format, end, len(file))
				require.Empty(t, rows)
			})
		}
	}
}

func TestEncodeReturnsAnError(t *testing.T) {
	infinite := math.Inf(1)
	_, err := encode(JSONL, []row{{Mean: &infinite}}) // which JSON can't tell
	assert.Error(t, err)
}
