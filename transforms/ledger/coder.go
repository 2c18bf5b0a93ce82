package ledger

import (
	"encoding/json"
)

// Bookings are few: a runner moves them as JSON.

func encodeBookings(b Bookings) ([]byte, error) { return json.Marshal(b.Counts) }

func decodeBookings(text []byte) (b Bookings, err error) {
	err = json.Unmarshal(text, &b.Counts)
	return b, err
}
