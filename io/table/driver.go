package table

import "database/sql/driver"

// DriverValues makes the values that SQL drivers take of rows. It keeps the last text
// of each column of times: rows that are written together are of few windows.
type DriverValues struct {
	columns []Column
	times   []Time
	texts   []string // "" before the first time
}

// NewDriverValues returns one for columns.
func NewDriverValues(columns []Column) *DriverValues {
	return &DriverValues{columns, make([]Time, len(columns)), make([]string, len(columns))}
}

// Append appends the values of a row, given as a pointer: int64, float64, bool, string,
// []byte or nil.
func (d *DriverValues) Append(values []any, row any) []any {
	for i, c := range d.columns {
		values = append(values, d.value(i, c, row))
	}
	return values
}

func (d *DriverValues) value(i int, c Column, row any) driver.Value {
	v := c.field(row)
	if c.Nullable {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch c.Kind {
	case Timestamp:
		return d.text(i, Time(v.Int()))
	case Binary:
		return Bytes(v.Bytes()).driverValue()
	case Text:
		return v.String()
	case Float:
		return v.Float()
	case Boolean:
		return v.Bool()
	default:
		return v.Int()
	}
}

func (d *DriverValues) text(i int, at Time) string {
	if d.texts[i] == "" || d.times[i] != at {
		d.times[i], d.texts[i] = at, at.String()
	}
	return d.texts[i]
}
