package table

import (
	"cmp"
	"slices"
	"strings"
)

// Deriver is a row that has derived columns.
type Deriver interface{ Derive() }

// Derive computes the derived columns of a row, given as a pointer, if it has any.
func Derive(row any) {
	if d, ok := row.(Deriver); ok {
		d.Derive()
	}
}

// Merge merges rows of one key: counters by max, so that it needs no order, and
// merging a row again changes nothing.
func Merge[T any](columns []Column, old, newer T) T {
	MergeInto(columns, &newer, &old)
	return newer
}

// MergeInto merges a row with an older one of its key, as Merge does. Both are given
// as pointers. It reports whether the older one had a larger counter.
func MergeInto(columns []Column, row, old any) (larger bool) {
	for _, c := range columns {
		if !c.Max {
			continue
		}
		if o, n := c.field(old), c.field(row); o.Int() > n.Int() {
			n.Set(o)
			larger = true
		}
	}
	Derive(row)
	return larger
}

// Compare orders rows by their keys.
func Compare[T any](columns []Column, a, b T) int { return comparePointers(Keys(columns), &a, &b) }

func comparePointers(keys []Column, a, b any) int {
	for _, c := range keys {
		x, y := c.field(a), c.field(b)
		order := 0
		if c.Kind == Text {
			order = strings.Compare(x.String(), y.String())
		} else {
			order = cmp.Compare(x.Int(), y.Int())
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// Reduce sorts rows by key and merges those of one key, later ones over
// earlier ones.
func Reduce[T any](columns []Column, rows []T) []T {
	reduced := make([]T, 0, len(rows))
	for _, row := range ReducePointers(columns, Rows(rows)) {
		reduced = append(reduced, *row.(*T))
	}
	return reduced
}

// Rows returns pointers to rows.
func Rows[T any](rows []T) []any {
	pointers := make([]any, len(rows))
	for i := range rows {
		pointers[i] = &rows[i]
	}
	return pointers
}

// ReducePointers is Reduce for rows that are given as pointers. It changes the rows.
func ReducePointers(columns []Column, rows []any) []any {
	keys := Keys(columns)
	slices.SortStableFunc(rows, func(a, b any) int { return comparePointers(keys, a, b) })
	reduced := rows[:0]
	for _, row := range rows {
		if last := len(reduced) - 1; last >= 0 && comparePointers(keys, reduced[last], row) == 0 {
			MergeInto(columns, row, reduced[last])
			reduced[last] = row
		} else {
			reduced = append(reduced, row)
		}
	}
	return reduced
}
