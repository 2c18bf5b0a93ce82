package nearmiss

import (
	"slices"

	"github.com/valyala/fastjson"
)

// match is the field of a record that is, or comes close to, a wanted one.
type match struct {
	wanted wanted
	path   string // from the record, or from the order's line
	inLine bool   // the path begins at the line
	value  string // of a type that is not Promotion, but comes close to it
	exact  bool   // the path is the wanted one
}

// finding is a record's matches.
type finding struct {
	matches []match
	taken   map[string]bool // paths that are matched
	linesAt string          // path of the list of lines
	row     bool            // an order that has the fields of one line itself
	swapped bool            // the record is one of the other stream
	shape   string          // of another system, by the name of a preset; "" for none that is known
}

// add adds the field that comes closest to a wanted one, if one does.
func (f *finding) add(all []field, w wanted, inLine bool) (found bool) {
	one := closest(all, w, f.taken, nil)
	if one == nil {
		return false
	}
	f.matches = append(f.matches, match{wanted: w, path: one.path, inLine: inLine, exact: one.path == w.field})
	f.taken[one.path] = true
	return true
}

// click looks for the fields of a click.
func click(v *fastjson.Value) (f finding) {
	all := fieldsOf(v)
	f = finding{taken: map[string]bool{}, shape: shapeOf(v)}
	lines := closest(all, orderLines, nil, func(_ field, close int) bool { return close <= misspelt })
	f.swapped = lines != nil && !has(all, clickType.field)
	isPromotion := f.addType(all)
	f.add(all, recordTime, false)
	if isPromotion {
		f.add(all, clickPromotion, false)
		f.add(all, clickID, false)
		f.add(all, recordUser, false)
	}
	return f
}

// addType adds the field that tells what kind of event a record is, and reports whether
// the record may be a click on a promotion. A field of another name is one only where it
// speaks of promotions.
func (f *finding) addType(all []field) (isPromotion bool) {
	one := closest(all, clickType, f.taken, func(f field, close int) bool {
		return close <= misspelt || isLikePromotion(f.text())
	})
	if one == nil {
		return true // all events may be
	}
	m := match{wanted: clickType, path: one.path, exact: one.path == clickType.field}
	if value := one.text(); value != "Promotion" && isLikePromotion(value) {
		m.value = value
	}
	f.matches = append(f.matches, m)
	f.taken[one.path] = true
	return !m.exact || m.value != "" || one.text() == "Promotion"
}

// order looks for the fields of an order and of its lines.
func order(v *fastjson.Value) (f finding) {
	all := fieldsOf(v)
	f = finding{taken: map[string]bool{}, shape: shapeOf(v)}
	lines := closest(all, orderLines, nil, nil)
	event := closest(all, clickType, nil, func(_ field, close int) bool { return close <= misspelt })
	f.swapped = lines == nil && event != nil
	f.add(all, recordTime, false)
	f.add(all, orderID, false)
	f.add(all, recordUser, false)
	if lines == nil && has(all, linePromotion.field) {
		f.row = true // of a table: it has the fields of one line
		f.matches = append(f.matches, match{wanted: orderLines, path: orderLines.field, exact: true})
		f.add(all, linePromotion, false)
		f.add(all, lineQuantity, false)
		f.add(all, linePrice, false)
		return f
	}
	if lines == nil {
		f.addPromotion(all, nil)
		return f
	}
	f.linesAt = lines.path
	f.matches = append(f.matches, match{wanted: orderLines, path: lines.path, exact: lines.path == orderLines.field})
	inLines := fieldsOfAll(lines.value.GetArray())
	f.addPromotion(all, inLines)
	f.taken = map[string]bool{} // paths from the line
	f.add(inLines, lineQuantity, true)
	f.add(inLines, linePrice, true)
	return f
}

// addPromotion adds the promotion of an order's lines, or that of the order.
func (f *finding) addPromotion(all, inLines []field) {
	if !f.add(inLines, linePromotion, true) && f.add(all, linePromotion, false) {
		f.matches[len(f.matches)-1].exact = false // it is not where it is looked for
	}
}

// maxLines is how many lines of an order are looked at.
const maxLines = 20

// fieldsOfAll lists the fields of objects, each name once: with a value that is not
// empty, if one has it.
func fieldsOfAll(lines []*fastjson.Value) (all []field) {
	for _, line := range lines[:min(len(lines), maxLines)] {
		for _, f := range fieldsOf(line) {
			i := slices.IndexFunc(all, func(known field) bool { return known.path == f.path })
			if i < 0 {
				all = append(all, f)
			} else if !all[i].isScalar() {
				all[i].value = f.value
			}
		}
	}
	return all
}
