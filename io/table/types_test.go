package table

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTime(t *testing.T) {
	zone := time.Local
	t.Cleanup(func() { time.Local = zone })
	time.Local = time.FixedZone("", 5*3600) // which must not matter
	for text, ms := range map[string]Time{
		"1970-01-01T00:00:00Z":     0,
		"2026-11-01T00:00:00Z":     1793491200000,
		"2026-11-01T00:00:00.5Z":   1793491200500,
		"2026-11-01T00:00:00.123Z": 1793491200123,
		"9999-12-31T23:59:59.999Z": 253402300799999,
		"10000-01-01T00:00:00Z":    253402300800000, // the end of the last window of 9999
		"1969-12-31T23:59:59.999Z": -1,
	} {
		t.Run(text, func(t *testing.T) {
			assert.Equal(t, text, ms.String())

			value, err := ms.Value()
			require.NoError(t, err)
			assert.Equal(t, text, value)
			var scanned Time
			require.NoError(t, scanned.Scan(value))
			assert.Equal(t, ms, scanned)

			encoded, err := json.Marshal(ms)
			require.NoError(t, err)
			assert.Equal(t, `"`+text+`"`, string(encoded))
			var decoded Time
			require.NoError(t, json.Unmarshal(encoded, &decoded))
			assert.Equal(t, ms, decoded)
		})
	}
}

func TestTimeOfAnyZone(t *testing.T) {
	var got Time
	require.NoError(t, got.Scan("2026-11-01T01:30:00+01:30"))
	assert.Equal(t, "2026-11-01T00:00:00Z", got.String())
	assert.Equal(t, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), int64(got))
}

func TestTimeRefuses(t *testing.T) {
	for _, value := range []any{nil, int64(5), []byte("2026-11-01T00:00:00Z"), "", "2026-11-01",
		"2026-11-01 00:00:00"} {
		assert.Error(t, new(Time).Scan(value), "%v", value)
	}
	assert.Error(t, json.Unmarshal([]byte("5"), new(Time)))
}

func TestBytes(t *testing.T) {
	for name, test := range map[string]struct{ payload, json string }{
		"text":                         {`{"a":"é€😀"}`, `"{\"a\":\"é€😀\"}"`},
		"nothing":                      {"", `""`},
		"control characters":           {"\x00\x01\t\n\x7f", `"\u0000\u0001\t\n\u007f"`},
		"invalid UTF-8":                {"a\xff", `"data:;base64,Yf8="`},
		"a lone byte":                  {"\x80", `"data:;base64,gA=="`},
		"an encoded surrogate":         {"\xed\xa0\x80", `"data:;base64,7aCA"`},
		"the replacement character":    {"\uFFFD", `"` + "\uFFFD" + `"`},
		"text that is like a data URL": {"data:;base64,Yf8=", `"data:;base64,ZGF0YTo7YmFzZTY0LFlmOD0="`},
		"the prefix of a data URL":     {"data:;base64,", `"data:;base64,ZGF0YTo7YmFzZTY0LA=="`},
		"less than that prefix":        {"data:;base64", `"data:;base64"`},
		"another data URL":             {"data:,a", `"data:,a"`},
		"a data URL behind something":  {" data:;base64,Yf8=", `" data:;base64,Yf8="`},
	} {
		t.Run(name, func(t *testing.T) {
			encoded, err := json.Marshal(Bytes(test.payload))
			require.NoError(t, err)
			assert.JSONEq(t, test.json, string(encoded))
			var decoded Bytes
			require.NoError(t, json.Unmarshal(encoded, &decoded))
			assert.Equal(t, test.payload, string(decoded))

			value, err := Bytes(test.payload).Value()
			require.NoError(t, err)
			if utf8.ValidString(test.payload) {
				assert.Equal(t, test.payload, value, "text where it is UTF-8")
			} else {
				assert.Equal(t, []byte(test.payload), value, "a blob where it is not")
			}
			var scanned Bytes
			require.NoError(t, scanned.Scan(value))
			assert.Equal(t, test.payload, string(scanned))
		})
	}
}

func TestBytesKeepsACopyOfWhatItScans(t *testing.T) {
	buffer := []byte{0xff, 'a'} // which a driver uses again
	var scanned Bytes
	require.NoError(t, scanned.Scan(buffer))
	buffer[1] = 'b'
	assert.Equal(t, "\xffa", string(scanned))
}

func TestBytesRefuses(t *testing.T) {
	assert.Error(t, new(Bytes).Scan(nil))
	assert.Error(t, new(Bytes).Scan(int64(1)))
	assert.Error(t, json.Unmarshal([]byte(`5`), new(Bytes)))
	assert.Error(t, json.Unmarshal([]byte(`"data:;base64,***"`), new(Bytes)))
}
