package event

import "math"

// Amounts are what order lines add up to. They are embedded wherever orders are
// counted, down to the rows of tables: a new amount is a field here, a line in
// fields, and what the parser puts into it.
type Amounts struct {
	Lines         int64 `json:"order_lines" parquet:"order_lines" table:"max"`
	Units         int64 `json:"units" parquet:"units" table:"max"`                   // sum of Quantity
	RevenueMicros int64 `json:"revenue_micros" parquet:"revenue_micros" table:"max"` // sum of UnitPrice × Quantity, in 10⁻⁶ of the currency unit
}

// NumAmounts is how many amounts there are.
const NumAmounts = 3

// Fields returns pointers to all amounts, in the order in which they are encoded.
func (a *Amounts) Fields() [NumAmounts]*int64 {
	return [...]*int64{&a.Lines, &a.Units, &a.RevenueMicros}
}

// Add adds other amounts, none of them negative. A sum that 64 bits can't hold is
// math.MaxInt64, which keeps it growing and independent of order.
func (a *Amounts) Add(other Amounts) {
	from := other.Fields()
	for i, n := range a.Fields() {
		*n = AddUp(*n, *from[i])
	}
}

// Max keeps the larger of each amount.
func (a *Amounts) Max(other Amounts) {
	from := other.Fields()
	for i, n := range a.Fields() {
		*n = max(*n, *from[i])
	}
}

// AddUp adds two numbers that are not negative, up to math.MaxInt64.
func AddUp(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
