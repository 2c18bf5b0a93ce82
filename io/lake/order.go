package lake

import (
	"bytes"
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"adtoorder/io/progress"
	"adtoorder/io/table"
)

// order is that of a file's rows, and how those of one key become one. It depends on
// the rows alone, not on which came first.
type order struct {
	columns []table.Column
	keys    []table.Column // that which leads, then the others
	rest    []table.Column // those that are neither keys nor counters, nor derived
}

func orderOf[T any]() order {
	o := order{columns: table.Columns[T]()}
	o.keys = table.Keys(o.columns)
	slices.SortStableFunc(o.keys, func(a, b table.Column) int { return rank(a) - rank(b) })
	o.rest = slices.DeleteFunc(table.Stored(o.columns), func(c table.Column) bool { return c.Key || c.Max })
	return o
}

func rank(key table.Column) int {
	if key.Lead {
		return 0
	}
	return 1
}

// keyValues are the values of a key column, of all rows: numbers or texts. Comparing
// fields themselves, by reflection, takes ten times as long.
type keyValues struct {
	numbers []int64
	texts   []string
}

func (k keyValues) compare(i, j int) int {
	if k.texts != nil {
		return strings.Compare(k.texts[i], k.texts[j])
	}
	return cmp.Compare(k.numbers[i], k.numbers[j])
}

func valuesOf[T any](key table.Column, rows []T) (values keyValues) {
	if key.Kind == table.Text {
		values.texts = make([]string, len(rows))
	} else {
		values.numbers = make([]int64, len(rows))
	}
	all := reflect.ValueOf(rows)
	for i := range rows {
		if v := key.Field(all.Index(i)); values.texts != nil {
			values.texts[i] = v.String()
		} else {
			values.numbers[i] = v.Int()
		}
	}
	return values
}

// tellWindows notes the windows of rows that were written. The key of a row that belongs
// to one has its start, or, as that of rejects, no time.
func tellWindows[T any](o order, rows []T) {
	i := slices.IndexFunc(o.keys, func(c table.Column) bool { return c.Kind == table.Timestamp })
	if i < 0 {
		return
	}
	starts := valuesOf(o.keys[i], rows).numbers
	slices.Sort(starts)
	for _, start := range slices.Compact(starts) {
		progress.Wrote(start)
	}
}

func field(c table.Column, row any) reflect.Value { return reflect.ValueOf(c.Pointer(row)).Elem() }

// reduce sorts rows, and merges those of one key: of their counters the larger ones
// stay, of their other columns those of the row where they are greater.
func reduce[T any](o order, rows []T) []T {
	keys := make([]keyValues, len(o.keys))
	for i, c := range o.keys {
		keys[i] = valuesOf(c, rows)
	}
	compare := func(i, j int) int {
		for _, k := range keys {
			if order := k.compare(i, j); order != 0 {
				return order
			}
		}
		return 0
	}
	places := make([]int, len(rows))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, compare)
	reduced := make([]T, 0, len(rows))
	for n, at := range places {
		if n == 0 || compare(places[n-1], at) != 0 {
			reduced = append(reduced, rows[at])
			continue
		}
		last := &reduced[len(reduced)-1]
		*last = join(o, *last, rows[at])
	}
	return reduced
}

// join merges two rows of one key.
func join[T any](o order, a, b T) T {
	for _, c := range o.rest {
		switch compareFields(c, &a, &b) {
		case -1:
			return table.Merge(o.columns, a, b)
		case 1:
			return table.Merge(o.columns, b, a)
		}
	}
	return table.Merge(o.columns, a, b)
}

// compareFields compares a column of two rows, given as pointers.
func compareFields(c table.Column, a, b any) int {
	switch x, y := field(c, a), field(c, b); c.Kind {
	case table.Text:
		return strings.Compare(x.String(), y.String())
	case table.Binary:
		return bytes.Compare(x.Bytes(), y.Bytes())
	case table.Boolean:
		return cmp.Compare(strconv.FormatBool(x.Bool()), strconv.FormatBool(y.Bool()))
	case table.Float:
		return cmp.Compare(x.Float(), y.Float())
	default:
		return cmp.Compare(x.Int(), y.Int())
	}
}
