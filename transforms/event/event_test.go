package event

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
)

func TestNewID(t *testing.T) {
	assert.Equal(t, ID{}, NewID(nil))
	assert.Equal(t, ID{}, NewID([]byte("")))
	sum := sha256.Sum256([]byte("E1"))
	id := NewID([]byte("E1"))
	assert.Equal(t, hex.EncodeToString(sum[:16]), fmt.Sprintf("%016x%016x", id.High, id.Low))
	assert.Equal(t, id, NewID([]byte("E1")))
	assert.NotEqual(t, id, NewID([]byte("E1 ")))
	assert.NotEqual(t, id, NewID([]byte("e1")))
}

func TestCompareIDs(t *testing.T) {
	sorted := []ID{{}, {0, 1}, {0, math.MaxUint64}, {1, 0}, {1, 1}, {math.MaxUint64, 0}}
	for i, a := range sorted {
		for j, b := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			assert.Equal(t, want, a.Compare(b), "%v, %v", a, b)
		}
	}
}

// A record that its source may give again has the id of its place there, unless
// its payload has one.
func TestRecordsThatRepeatHaveTheIDOfTheirPlace(t *testing.T) {
	message := record.Record{Source: "pubsub:shop/clicks", Sequence: "17", Repeats: true}
	again, other, elsewhere, once := message, message, message, message
	again.Time = 5
	other.Sequence = "18"
	elsewhere.Source = "pubsub:shop/orders"
	once.Repeats = false
	assert.Equal(t, identify(nil, message), identify(nil, again))
	assert.Zero(t, identify(nil, once))
	ids := map[ID]bool{{}: true}
	for _, id := range []ID{identify(nil, message), identify(nil, other), identify(nil, elsewhere), NewID([]byte("17")),
		identify([]byte("E1"), message)} {
		assert.False(t, ids[id])
		ids[id] = true
	}
	assert.Equal(t, NewID([]byte("E1")), identify([]byte("E1"), message))
	for stream, payload := range map[string]string{
		"click": `{"Event":"P1","EventType":"Promotion","Timestamp":"2026-11-01T00:00:00Z"}`,
		"order": `{"OrderId":"","Timestamp":"2026-11-01T00:00:00Z","OrderLines":[{"Promotion":"P1","UnitPrice":1,"Quantity":1}]}`,
	} {
		t.Run(stream, func(t *testing.T) {
			message.Payload, message.Size = []byte(payload), int64(len(payload))
			var c Click
			var o Order
			if stream == "click" {
				assert.Empty(t, c.parse(newParser(), message).reason)
				assert.Equal(t, identify(nil, message), c.ID)
			} else {
				assert.Empty(t, o.parse(newParser(), message).reason)
				assert.Equal(t, identify(nil, message), o.ID)
			}
		})
	}
}
