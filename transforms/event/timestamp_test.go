package event

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEventTime(t *testing.T) {
	for text, want := range map[string]int64{
		"2026-11-01T00:00:00Z":               start0,
		"2026-11-01T00:00:00+00:00":          start0,
		"2026-11-01T00:00:00-00:00":          start0,
		"2026-11-01T05:30:00+05:30":          start0,
		"2026-10-31T16:00:00-08:00":          start0,
		"2026-11-01T23:59:00+23:59":          start0,
		"2026-11-01T00:00:00.5Z":             start0 + 500,
		"2026-11-01T00:00:00.001Z":           start0 + 1,
		"2026-11-01T00:00:00.0009999Z":       start0, // rounded down
		"2026-11-01T00:00:00.999999999Z":     start0 + 999,
		"2026-11-01T00:00:00.1239999999999Z": start0 + 123,
		"2026-11-01T00:00:00.250+01:00":      start0 - 3_600_000 + 250,
		"1970-01-01T00:00:00Z":               0,
		"1970-01-01T00:00:00.000Z":           0,
		"1970-01-01T00:00:00.001Z":           1,
		"1969-12-31T23:00:00-01:00":          0,
		"1969-12-31T23:59:59.999-00:01":      59_999,
		"9999-12-31T23:59:59.999Z":           253402300799999,
		"9999-12-31T23:59:59.999999Z":        253402300799999,
		"9999-12-31T23:59:59+00:01":          253402300739000,
		"2024-02-29T00:00:00Z":               1709164800000,
		"2000-02-29T12:00:00Z":               951825600000,
		"2026-11-01t00:00:00z":               start0,
		"2026-11-01 00:00:00Z":               start0,
		"2026-11-01 00:00:00.25 UTC":         start0 + 250,
		"2026-11-01T00:00:00UTC":             start0,
		"2026-11-01T00:00:00 Z":              start0,
		"2026-11-01 01:00:00 +0100":          start0,
		"2026-11-01T01:00:00+01":             start0,
		"2026-10-31T18:30:00.000-0530":       start0,
		"2026-11-01T00:00:00-00":             start0,
		"2026-11-01T00:00Z":                  start0,
		"2026-11-01T01:30+01:30":             start0,
		"2016-12-31T23:59:60Z":               1483228799000, // as of the second before it
		"2016-12-31T23:59:60.999Z":           1483228799999,
		"2016-12-31T15:59:60-08:00":          1483228799000,
		"2017-01-01T05:29:60.5+0530":         1483228799500,
		"2026-11-30T23:59:60Z":               1796083199000,
		"9999-12-31T23:59:60Z":               253402300799000,
	} {
		t.Run(text, func(t *testing.T) {
			ms, assumed, reason := eventTime([]byte(text))
			assert.Empty(t, reason)
			assert.Zero(t, assumed)
			assert.Equal(t, want, ms)
		})
	}
}

func TestEventTimesThatCannotBe(t *testing.T) {
	for reason, texts := range map[string][]string{
		NoTimestamp: {""},
		BadYear: {
			"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00+00:01",
			"1970-01-01T00:59:59.999+01:00",
			"0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "9999-12-31T23:00:00-01:00",
		},
		BadTimestamp: {
			" ", "x", "2026-11-01", "2026-11-01T", "2026-11-01T00", "2026-11-01T00Z", "2026-11-01T00:0",
			"2026-11-01_00:00:00Z", "2026-11-01  00:00:00Z", "2026-11-01T00:00:0Z", "2026-11-01T00:00:",
			"2026-11-01T00:00.5Z", "01/02/2026", "01/02/2026 00:00:00", "2026-11-01 12:00:00 AM",
			"2026-11-01T23:59:60Z", "2026-12-31T23:58:60Z", "2026-12-31T22:59:60Z", // leap seconds end a month
			"2016-12-31T23:59:60-08:00", "2016-12-31T23:59:61Z", "2026-02-29T23:59:60Z",
			"2026-11-01T24:00:00Z", "2026-11-01T00:60:00Z", "2026-11-01T00:00:61Z",
			"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-31T00:00:00Z",
			"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
			"10000-01-01T00:00:00Z", "+2026-11-01T00:00:00Z", "-2026-11-01T00:00:00Z", "26-11-01T00:00:00Z",
			"2026-1-01T00:00:00Z", "2026-11-01T0:00:00Z",
			"2026-11-01T00:00:00.Z", "2026-11-01T00:00:00,5Z", "2026-11-01T00:00:00.5.5Z",
			"2026-11-01T00:00:00+1:00", "2026-11-01T00:00:00+", "2026-11-01T00:00:00+1", "2026-11-01T00:00:00+010",
			"2026-11-01T00:00:00+01:", "2026-11-01T00:00:00+01:0", "2026-11-01T00:00:00+01:000",
			"2026-11-01T00:00:00+01000", "2026-11-01T00:00:00+2400", "2026-11-01T00:00:00+0060",
			"2026-11-01T00:00:00+24", "2026-11-01T00:00:00−05:00", "2026-11-01T00:00:00-05:00[America/New_York]",
			"2026-11-01T00:00:00 ", "2026-11-01T00:00:00  Z", "2026-11-01T00:00:00 PST", "2026-11-01T00:00:00 utc",
			"2026-11-01T00:00:00+24:00", "2026-11-01T00:00:00+00:60",
			"2026-11-01T00:00:00Z ", " 2026-11-01T00:00:00Z", "2026-11-01T00:00:00ZZ",
			"2026-11-01T00:00:00Z+01:00",
			"20261101T000000Z", "2026-W44-7T00:00:00Z", "２026-11-01T00:00:00Z",
		},
	} {
		t.Run(reason, func(t *testing.T) {
			for _, text := range texts {
				ms, assumed, got := eventTime([]byte(text))
				assert.Equal(t, reason, got, text)
				assert.Zero(t, ms, text)
				assert.Zero(t, assumed, text)
			}
		})
	}
}

func TestEventTimesOfWhichSomethingIsAssumed(t *testing.T) {
	for _, test := range []struct {
		text string
		want Assumption
		ms   int64
	}{
		{"2026-11-01T00:00:00", NoZone, start0},
		{"2026-11-01 00:00:00", NoZone, start0},
		{"2026-11-01T00:00:00.123456", NoZone, start0 + 123}, // Python's isoformat
		{"2026-11-01t00:00", NoZone, start0},
		{"2016-12-31T23:59:60", NoZone, 1483228799000},
		{"946684800", Seconds, 946684800000}, // the beginning of 2000
		{"999999999", Seconds, 999999999000},
		{"1000000000", Seconds, 1000000000000},
		{"1793491200", Seconds, start0},
		{"4133980799", Seconds, 4133980799000}, // the end of 2100
		{"4133980799.999999", Seconds, 4133980799999},
		{"1793491200.5", Seconds, start0 + 500},
		{"1793491200.1239999", Seconds, start0 + 123}, // Python's time.time()
		{"1793491200.0001", Seconds, start0},
		{"1.7934912e9", Seconds, start0},
		{"1.793491200250E+9", Seconds, start0 + 250},
		{"17934912e2", Seconds, start0},
		{"946684800000", Milliseconds, 946684800000},
		{"1793491200001", Milliseconds, start0 + 1},
		{"1793491200001.9", Milliseconds, start0 + 1},
		{"4133980799999", Milliseconds, 4133980799999},
		{"946684800000000", Microseconds, 946684800000},
		{"1793491200001999", Microseconds, start0 + 1},
		{"4133980799999999", Microseconds, 4133980799999},
		{"946684800000000000", Nanoseconds, 946684800000},
		{"1793491200001999999", Nanoseconds, start0 + 1},
		{"4133980799999999999", Nanoseconds, 4133980799999},
		{"1793491200001999999.5", Nanoseconds, start0 + 1},
	} {
		t.Run(test.text, func(t *testing.T) {
			ms, assumed, reason := eventTime([]byte(test.text))
			assert.Empty(t, reason)
			assert.Equal(t, test.ms, ms)
			assert.Equal(t, test.want, assumed)
			assert.NotEmpty(t, assumed.String())
		})
	}
}

func TestNumbersThatAreNoTime(t *testing.T) {
	for _, text := range []string{
		"0", "1", "-1", "-1793491200", "946684799", "946684799.999999", "4133980800", "946684799999", "4133980800000",
		"946684799999999", "4133980800000000", "946684799999999999", "4133980800000000000",
		"17934912000", "17934912000000", "17934912000000000", "17934912000000000000", // between two units
		"20261101", "202611011200", "20261101120000", "20261101120000000", // dates
		"01793491200", "+1793491200", "1793491200.", ".1793491200", "1793491200e", " 1793491200", "1793491200 ",
		"1_793_491_200", "0x6AE57F00", "1e400", "1e-400", "1e999999999999", "0.1793491200",
	} {
		ms, assumed, reason := eventTime([]byte(text))
		assert.Equal(t, BadTimestamp, reason, text)
		assert.Zero(t, ms, text)
		assert.Zero(t, assumed, text)
	}
}

func TestIsDecimalAsJSONHasNumbers(t *testing.T) {
	const alphabet = "01-+.eE "
	var check func(text string, more int)
	check = func(text string, more int) {
		want := json.Valid([]byte(text)) && !strings.Contains(text, " ")
		if isDecimal([]byte(text)) != want {
			assert.Fail(t, "wrong", "%q: want %t", text, want)
		}
		for i := range len(alphabet) * min(1, more) {
			check(text+alphabet[i:i+1], more-1)
		}
	}
	check("", 6)
	for _, text := range []string{"nan", "true", `"1"`, "1x", "1\n", "9:", "/1"} {
		assert.False(t, isDecimal([]byte(text)), text)
	}
}
