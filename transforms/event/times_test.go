package event

import (
	"testing"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func timesOf(t *testing.T, stream string, by Reading) func([]int64, []record.Record) []int64 {
	t.Helper()
	times, err := Times(stream, by)
	require.NoError(t, err)
	return times
}

func TestTimes(t *testing.T) {
	const at = `"Timestamp":"2026-11-01T00:00:00Z"`
	for payload, want := range map[string]int64{
		`{"EventType":"Promotion","Event":"P1",` + at + `,"OrderLines":[]}`: start0,
		`{"EventType":"Promotion",` + at + `}`:                              start0, // malformed, but its time is known
		`{"EventId":[],"OrderId":[],` + at + `}`:                            start0,
		`{"Timestamp":1793491200}`:                                          start0,
		`{"Timestamp":"2026-11-01 00:00:00"}`:                               start0,
		`{"Timestamp":"1969-12-31T23:59:59Z"}`:                              0,
		`{}`:                                                                0,
		`{` + at + `,"x":01}`:                                               0,
		"":                                                                  0,
	} {
		for _, stream := range []string{ledger.Clicks, ledger.Orders} {
			times := timesOf(t, stream, Reading{})
			assert.Equal(t, []int64{5, want, want}, times([]int64{5}, []record.Record{of(payload), of(payload)}),
				"%s of %s", payload, stream)
		}
	}
	// What makes one stream's record malformed is an unknown field of the other's.
	both := []record.Record{of(`{"OrderLines":5,"Event":6,` + at + `}`)}
	assert.Equal(t, []int64{start0}, timesOf(t, ledger.Clicks, Reading{})(nil, both))
	assert.Equal(t, []int64{start0}, timesOf(t, ledger.Orders, Reading{})(nil, both))
}
