package traffic

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestStamp(t *testing.T) {
	var s stamper
	// In this order, so that a kept second must be given up and not be taken for zero's.
	for _, want := range []string{
		"1970-01-01T00:00:00.000Z",
		"1970-01-01T00:00:00.007Z",
		"2026-11-01T23:59:59.999Z",
		"2026-11-02T00:00:00.000Z",
		"2026-11-01T23:59:59.120Z",
		"9999-12-31T23:59:59.999Z",
	} {
		t.Run(want, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, want)
			assert.NoError(t, err)
			assert.Equal(t, "<"+want, string(s.appendTo([]byte("<"), at.UnixMilli())))
		})
	}
}

func TestAppendPadded(t *testing.T) {
	for _, tc := range []struct {
		n, width int
		want     string
	}{
		{0, 1, "0"}, {0, 3, "000"}, {7, 3, "007"}, {10, 3, "010"}, {99, 2, "99"},
		{100, 2, "100"}, {123456, 6, "123456"}, {1234567, 6, "1234567"}, {math.MaxInt, 6, "9223372036854775807"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			assert.Equal(t, tc.want, string(appendPadded(nil, tc.n, tc.width)))
		})
	}
}
