package nearmiss

import (
	"github.com/valyala/fastjson"
)

// field is a field of a record, at any depth.
type field struct {
	path  string // as a map has it: names with dots between them
	plain string // its last name
	depth int    // 0 for a field of the record itself
	value *fastjson.Value
}

// maxDepth and maxFields bound what is looked at of a record.
const (
	maxDepth  = 3
	maxFields = 200
)

// fieldsOf lists the fields of an object and of the objects in it, but not those of lists.
func fieldsOf(v *fastjson.Value) (all []field) {
	var visit func(o *fastjson.Object, prefix string, depth int)
	visit = func(o *fastjson.Object, prefix string, depth int) {
		o.Visit(func(name []byte, v *fastjson.Value) {
			if len(all) == maxFields {
				return
			}
			path := step(string(name))
			if prefix != "" && path[0] != '[' {
				path = "." + path
			}
			f := field{prefix + path, plain(string(name)), depth, v}
			all = append(all, f)
			if inner := v.GetObject(); inner != nil && depth < maxDepth {
				visit(inner, f.path, depth+1)
			}
		})
	}
	if o := v.GetObject(); o != nil {
		visit(o, "", 0)
	}
	return all
}

// isText reports whether the value is a text that is not empty.
func (f field) isText() bool { return len(f.value.GetStringBytes()) > 0 }

// isScalar reports whether the value is a text that is not empty, or a number.
func (f field) isScalar() bool { return f.isText() || f.value.Type() == fastjson.TypeNumber }

// isList reports whether the value is a list that begins with an object.
func (f field) isList() bool {
	list := f.value.GetArray()
	return len(list) > 0 && list[0].Type() == fastjson.TypeObject
}

// text returns the value where that is a text.
func (f field) text() string { return string(f.value.GetStringBytes()) }

// closest returns the field that comes closest to a wanted one, of those that are not
// taken; nil where none comes close. What is further in is further away. A choice, if
// there is one, must be met by the value, too.
func closest(all []field, w wanted, taken map[string]bool, choice func(field, int) bool) (found *field) {
	best := far
	for i := range all {
		f := &all[i]
		if f.path == w.field && (w.mayLack || w.fits(*f)) {
			return f
		}
		close := w.closeness(f.plain)
		if close == far || !w.fits(*f) || taken[f.path] || choice != nil && !choice(*f, close) {
			continue
		}
		if distance := (maxDepth+1)*close + f.depth; distance < best {
			best, found = distance, f
		}
	}
	return found
}

// has reports whether a record itself has a field of a name, whatever its value.
func has(all []field, name string) bool {
	for i := range all {
		if all[i].path == name {
			return true
		}
	}
	return false
}
