package conversion

import (
	"testing"

	"adtoorder/io/testenv"
	"adtoorder/transforms/event"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// sumOf returns a Sum by its numbers.
func sumOf(orders, late, booked, lines, units, revenue int64) Sum {
	return Sum{OrderCounters{orders, late, event.Amounts{Lines: lines, Units: units, RevenueMicros: revenue}}, booked}
}

// versionOf returns a Version by its numbers.
func versionOf(id event.ID, late, booked bool, lines, units, revenue int64) Version {
	return Version{id, late, booked, event.Amounts{Lines: lines, Units: units, RevenueMicros: revenue}}
}

// rowOf returns a Row by its numbers.
func rowOf(start, end int64, promotion string, clicks, lateClicks, orders, lateOrders, lines, units, revenue,
	booked, duplicateClicks, duplicateOrders int64) Row {
	return Row{start, end, promotion, Counters{ClickCounters{clicks, lateClicks},
		sumOf(orders, lateOrders, 0, lines, units, revenue).OrderCounters},
		booked, duplicateClicks, duplicateOrders}
}
