package preview

import (
	"cmp"
	"strings"

	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"
)

// why says why a record is no event.
func why(o outcome) string {
	switch field, mistyped := strings.CutPrefix(o.Reason, event.WrongType+": "); {
	case mistyped:
		return "its " + field + " has another type than it should"
	case o.Outcome == ledger.NotPromotion && o.Stream == ledger.Clicks:
		return `no click on a promotion: its EventType is not "Promotion"`
	case o.Outcome == ledger.NotPromotion:
		return "no order of a promotion: none of its lines has one"
	}
	return cmp.Or(reasons[o.Reason], o.name())
}

// reasons say in words why a record is malformed.
var reasons = map[string]string{
	event.TooLong:       "it is longer than 1 MiB",
	event.InvalidUTF8:   "it is no UTF-8",
	event.NotJSONObject: "it is no JSON object",
	event.NoTimestamp:   "it has no Timestamp",
	event.BadTimestamp:  "its Timestamp is no time that can be told",
	event.BadYear:       "its Timestamp is not within the years 1970 to 9999",
	event.NoEvent:       "its Event, which names the promotion, is not there",
	event.NoOrderLines:  "it has no list of OrderLines",
	event.BadQuantity:   "a line of a promotion has no Quantity that is a whole number from 0",
	event.BadUnitPrice:  "a line of a promotion has no UnitPrice that is a number from 0",
	event.Future:        "its Timestamp is more than a day ahead of when it came",
	event.Overflow:      "its amounts are too large",
}
