package table

import "database/sql/driver"

// Texts makes the values that SQL drivers take of rows. It keeps the text of the last
// time of each column: rows of one window, which are written together, share theirs.
type Texts struct {
	columns []Column
	times   []Time
	texts   []string
}

// NewTexts returns one for columns.
func NewTexts(columns []Column) *Texts {
	return &Texts{columns, make([]Time, len(columns)), make([]string, len(columns))}
}

// Append appends a row's values, given as a pointer: int64, float64, bool, string,
// []byte or nil.
func (t *Texts) Append(values []any, row any) []any {
	for i, c := range t.columns {
		values = append(values, t.value(i, c, row))
	}
	return values
}

func (t *Texts) value(i int, c Column, row any) driver.Value {
	v := c.field(row)
	if c.Nullable {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch c.Kind {
	case Timestamp:
		return t.time(i, Time(v.Int()))
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

func (t *Texts) time(i int, at Time) string {
	if t.texts[i] == "" || t.times[i] != at {
		t.times[i], t.texts[i] = at, at.String()
	}
	return t.texts[i]
}
