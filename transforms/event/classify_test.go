package event

import (
	"fmt"
	"strings"
	"testing"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// filed files a record in windows of a minute, and returns its reject and its
// booking's window and entry.
func filed(t *testing.T, r record.Record, time int64, promotion bool, reason string) (event bool, rejects []Reject,
	booked map[int64]ledger.Entry) {
	c := &classifier{Stream: ledger.Clicks, Windows: minutes}
	var tally ledger.Tally
	event = c.classify(r, parsed{time: time, promotion: promotion, reason: reason}, &tally, func(reject Reject) {
		rejects = append(rejects, reject)
	})
	booked = map[int64]ledger.Entry{}
	tally.Flush(minutes, ledger.Clicks, func(_ beam.EventTime, _ string, b ledger.Bookings) {
		for _, c := range b.Counts {
			assert.EqualValues(t, 1, c.Records)
			booked[c.Window] = c.Entry
		}
	})
	return event, rejects, booked
}

// Of what is not about a promotion the first of a file are kept, and some of a source whose
// positions don't count.
func TestSamples(t *testing.T) {
	for offset, kept := range map[int64]int{0: 1, 4095: 1, 4096: 0} {
		_, rejects, _ := filed(t, record.Record{Payload: []byte("x"), Size: 1, Source: "/a", Offset: offset}, start0,
			false, "")
		assert.Len(t, rejects, kept, offset)
	}
	for offset, want := range map[int64]bool{0: true, 39: true, 40: false} {
		assert.Equal(t, want, sampled(&record.Record{Source: "/a.parquet", Offset: offset, Counted: true}))
	}
	kept := 0
	for i := range 100 * sampledShare {
		if sampled(&record.Record{Source: "topic", Sequence: fmt.Sprint(i)}) {
			kept++
		}
	}
	assert.InDelta(t, 100, kept, 40)
	long := []byte(strings.Repeat("x", 2*maxSample))
	_, rejects, _ := filed(t, record.Record{Payload: long, Size: int64(len(long)), Source: "/a"}, start0, false, "")
	assert.Len(t, rejects[0].Payload, maxSample)
	assert.True(t, rejects[0].Cut)
	assert.True(t, rejects[0].IsSample())
}

func TestEveryRecordIsAnEventOrBooked(t *testing.T) {
	r := record.Record{Payload: []byte("x"), Size: 1, Source: "/a", Offset: 4117}

	event, rejects, booked := filed(t, r, start0+61_000, true, "")
	assert.True(t, event)
	assert.Empty(t, rejects)
	assert.Empty(t, booked)

	event, rejects, booked = filed(t, r, start0+61_000, false, "")
	assert.False(t, event)
	assert.Empty(t, rejects)
	assert.Equal(t, map[int64]ledger.Entry{start0 + 60_000: {Stream: ledger.Clicks, Outcome: ledger.NotPromotion}},
		booked)

	event, rejects, booked = filed(t, r, start0+61_000, false, NoEvent)
	assert.False(t, event)
	assert.Equal(t, []Reject{{Stream: ledger.Clicks, Source: "/a", Position: "4117", Offset: 4117, Time: start0 +
		61_000,
		Outcome: ledger.Malformed, Reason: NoEvent, Payload: []byte("x")}}, rejects)
	assert.Equal(t, map[int64]ledger.Entry{start0 + 60_000: {Stream: ledger.Clicks, Outcome: ledger.Malformed,
		Reason: NoEvent}}, booked)

	_, rejects, booked = filed(t, r, 0, false, NotJSONObject) // its time is not known
	assert.Zero(t, rejects[0].Time)
	assert.Contains(t, booked, int64(0))
}

func TestRejectsKeepTheStartOfAPayload(t *testing.T) {
	for _, test := range []struct {
		payload, size, kept int
		cut                 bool
	}{
		{0, 0, 0, false}, {1, 1, 1, false},
		{record.MaxKept - 1, record.MaxKept - 1, record.MaxKept - 1, false},
		{record.MaxKept, record.MaxKept, record.MaxKept, false},
		{record.MaxKept + 1, record.MaxKept + 1, record.MaxKept, true},
		{record.MaxSize, record.MaxSize, record.MaxKept, true},
		{record.MaxKept, record.MaxSize + 1, record.MaxKept, true}, // cut by the source
		{10, 1 << 40, 10, true},
	} {
		t.Run(fmt.Sprintf("%d of %d", test.payload, test.size), func(t *testing.T) {
			payload := []byte(strings.Repeat("ab", test.payload/2+1)[:test.payload])
			_, rejects, _ := filed(t, record.Record{Payload: payload, Size: int64(test.size)}, 0, false, TooLong)
			require.Len(t, rejects, 1)
			assert.Equal(t, test.cut, rejects[0].Cut)
			assert.Equal(t, string(payload[:test.kept]), string(rejects[0].Payload))
			clear(payload) // a reject outlives the block that its payload was read in
			if test.kept > 0 {
				assert.Equal(t, byte('a'), rejects[0].Payload[0])
			}
		})
	}
}

func TestLate(t *testing.T) {
	for _, test := range []struct {
		watermark, time int64
		want            bool
	}{
		{0, start0, false}, // finished files
		{0, 0, false},
		{start0 + 59_999, start0, false},
		{start0 + 60_000, start0, true}, // the end is exclusive
		{start0 + 59_999, start0 + 59_999, false},
		{start0 + 60_000, start0 + 59_999, true},
		{start0 + 60_000, start0 + 60_000, false},
		{start0 + 120_000, start0 + 60_000, true},
		{start0 + 3_600_000, start0, true},
	} {
		t.Run(fmt.Sprintf("%d at watermark %d", test.time, test.watermark), func(t *testing.T) {
			assert.Equal(t, test.want, minutes.Ended(test.time, test.watermark))
		})
	}
}
