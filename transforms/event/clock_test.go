package event

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClockReadsEveryDate(t *testing.T) {
	c := newClock()
	for at := time.Date(1970, 1, 1, 23, 59, 59, 999e6, time.UTC); at.Year() < 10_000; at = at.AddDate(0, 0, 1) {
		text := at.AppendFormat(nil, "2006-01-02T15:04:05.000Z")
		if ms, usual := c.read(text); !usual || ms != at.UnixMilli() {
			require.Fail(t, "a date is not read", "%s: %d, usual %t", text, ms, usual)
		}
	}
}

func TestClockReadsTimesOfADay(t *testing.T) {
	c := newClock()
	for text, want := range map[string]int64{
		"1970-01-01T00:00:00Z": 0, "1970-01-01T00:00:00.9Z": 900, "1970-01-01T00:00:00.09Z": 90,
		"1970-01-01T00:00:00.009Z":  9,
		"1970-01-01T00:00:00.0009Z": 0, "1970-01-01T00:00:00.999999999Z": 999, "1970-01-01T00:00:01.123456Z": 1_123,
		"1970-01-01T23:59:59Z": 86_399_000, "2026-11-01T00:00:00Z": start0, "2024-02-29T00:00:00Z": 1709164800000,
	} {
		ms, usual := c.read([]byte(text))
		assert.True(t, usual, text)
		assert.Equal(t, want, ms, text)
	}
}

func TestClockLeavesOtherTimesAlone(t *testing.T) {
	for _, text := range []string{
		"", "Z", "2026-11-01T00:00:00", "2026-11-01T00:00:00.Z", "2026-11-01T00:00:00.1234567890Z",
		"2026-11-01T00:00:00+00:00", "2026-11-01T00:00:00z",
		"2026-11-01t00:00:00Z", "2026-11-01 00:00:00Z", "2026-11-01T24:00:00Z", "2026-11-01T00:60:00Z",
		"2026-11-01T23:59:60Z", "2026-11-01T00:00:00,5Z",
		"2026-11-01T00:00:00.1 Z", "2026-11-01T0:00:00.0Z", "2026-11-01T00-00:00Z", "2026-11-01T00:00-00Z",
		"2026-11-01T-1:00:00Z", "2026-11-01T/0:00:00Z",
		"2026-11-01T0::00:00Z", "1969-12-31T23:59:59Z", "2026-11-31T00:00:00Z", "2026-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-11-00T00:00:00Z", "2026/11/01T00:00:00Z", "2026-11/01T00:00:00Z",
		"20x6-11-01T00:00:00Z", "x026-11-01T00:00:00Z",
		"2026-1x-01T00:00:00Z", "2026-11-x1T00:00:00Z", "+202611-01T00:00:00Z",
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00T00:00:00Z",
	} {
		c := newClock()
		for range 2 { // a date that is none isn't remembered
			_, usual := c.read([]byte(text))
			assert.False(t, usual, "%q", text)
		}
	}
}

// Whatever the clock reads, time.Time reads as it does.
func TestClockAgreesWithTime(t *testing.T) {
	const seed = 3
	w := writer{rand.New(rand.NewPCG(seed, 0))}
	c, read := newClock(), 0
	for range 300_000 {
		at := time.Unix(w.Int64N(253402300800), w.Int64N(1e9)).UTC()
		text := w.mutatedTime(at.Format(w.one("2006-01-02T15:04:05Z", time.RFC3339Nano, "2006-01-02T15:04:05.0Z",
			"2006-01-02T15:04:05.000Z")))
		ms, usual := c.read([]byte(text))
		if !usual {
			continue
		}
		read++
		want, assumed, reason := eventTime([]byte(text))
		require.Empty(t, reason, "%q, seed %d", text, seed)
		require.Zero(t, assumed, "%q, seed %d", text, seed)
		require.Equal(t, want, ms, "%q, seed %d", text, seed)
	}
	require.Greater(t, read, 100_000)
}

// mutatedTime changes a digit or another byte of half of the times.
func (w writer) mutatedTime(text string) string {
	if w.IntN(2) == 0 {
		return text
	}
	at := w.IntN(len(text))
	return fmt.Sprint(text[:at], w.one("0", "1", "2", "3", "6", "9", "-", ":", ".", "Z", "T", "/", " ", ""),
		text[at+1:])
}
