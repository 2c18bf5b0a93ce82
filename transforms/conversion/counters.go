package conversion

import "adtoorder/transforms/event"

// Counters are all that is counted of a promotion in a window, cumulatively: a later
// version never has less. They are embedded in Row and in the rows of tables and
// datasets, whose columns they are: a new counter is a field here (or in
// event.Amounts), and what adds it up.
type Counters struct {
	ClickCounters
	OrderCounters
}

// ClickCounters count clicks.
type ClickCounters struct {
	Clicks     int64 `json:"clicks" parquet:"clicks" table:"max"`
	LateClicks int64 `json:"late_clicks" parquet:"late_clicks" table:"max"` // those of them whose window had ended
}

// OrderCounters count orders, and what they hold.
type OrderCounters struct {
	Orders     int64 `json:"orders" parquet:"orders" table:"max"`
	LateOrders int64 `json:"late_orders" parquet:"late_orders" table:"max"` // those of them whose window had ended
	event.Amounts
}
