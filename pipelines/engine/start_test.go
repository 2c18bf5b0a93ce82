package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseStart(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]struct {
		start int64
		given bool
	}{
		"":                          {0, false},
		"earliest":                  {0, true},
		"latest":                    {now.UnixMilli(), true},
		"2026-11-01T00:00:00Z":      {1793491200000, true},
		"2026-11-01T01:00:00+01:00": {1793491200000, true},
	} {
		t.Run(value, func(t *testing.T) {
			start, given, err := parseStart(value, now)
			require.NoError(t, err)
			assert.Equal(t, want.start, start)
			assert.Equal(t, want.given, given)
		})
	}
	for _, value := range []string{"now", "2026-11-01", "1969-01-01T00:00:00Z", "5"} {
		t.Run(value, func(t *testing.T) {
			_, _, err := parseStart(value, now)
			assert.ErrorContains(t, err, "--start="+value+": must be earliest, latest, or a time")
		})
	}
}
