package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"adtoorder/io/table"
)

// statement is one of a kind, for a number of rows.
type statement struct {
	kind kind
	rows int
}

type kind int

const (
	// put inserts rows. One that is there already is replaced, unless it has a larger
	// counter: so what is there then is what both are merged, with its derived columns.
	put kind = iota
	// read finds the rows of some keys: their places among these, and their counters.
	read
	// replace inserts rows, or replaces those that are there.
	replace
)

// text is the statement's SQL.
func (s statement) text(to table.Table) string {
	switch s.kind {
	case read:
		return s.reading(to)
	case put:
		return s.replacing(to) + " WHERE " + noneLarger(to)
	default:
		return s.replacing(to)
	}
}

func (s statement) replacing(to table.Table) string {
	row := "(?" + strings.Repeat(", ?", len(to.Columns)-1) + ")"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s ON CONFLICT (%s) DO UPDATE SET %s",
		to.Name, strings.Join(table.Names(to.Columns), ", "), row, strings.Repeat(", "+row, s.rows-1),
		strings.Join(table.Names(table.Keys(to.Columns)), ", "), setting(to))
}

// setting sets each column to that of the new row. To set keys takes long, so only a
// table of nothing else has them set.
func setting(to table.Table) string {
	columns := slices.DeleteFunc(slices.Clone(to.Columns), func(c table.Column) bool { return c.Key })
	if len(columns) == 0 {
		columns = to.Columns
	}
	var set []string
	for _, c := range columns {
		set = append(set, c.Name+" = excluded."+c.Name)
	}
	return strings.Join(set, ", ")
}

// noneLarger is the condition that no counter is larger than the new row's. Times are
// texts, of which the larger one may be the earlier one.
func noneLarger(to table.Table) string {
	condition := "true"
	for _, c := range counters(to) {
		is := map[bool]string{true: "=", false: "<="}[c.Kind == table.Timestamp]
		condition += fmt.Sprintf(" AND %s %s excluded.%[1]s", c.Name, is)
	}
	return condition
}

func (s statement) reading(to table.Table) string {
	keys := table.Keys(to.Columns)
	places := make([]string, s.rows)
	for i := range places {
		places[i] = fmt.Sprintf("(%d%s)", i, strings.Repeat(", ?", len(keys)))
	}
	text := fmt.Sprintf("WITH k AS (VALUES %s) SELECT k.column1, t.%s FROM k CROSS JOIN %s AS t ON true",
		strings.Join(places, ", "), strings.Join(table.Names(counters(to)), ", t."), to.Name)
	for i, c := range keys {
		text += fmt.Sprintf(" AND t.%s = k.column%d", c.Name, i+2)
	}
	return text
}

// counters are the columns by which rows are merged.
func counters(to table.Table) []table.Column {
	return slices.DeleteFunc(slices.Clone(to.Columns), func(c table.Column) bool { return !c.Max })
}
