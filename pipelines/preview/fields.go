package preview

import (
	"cmp"
	"slices"
	"strings"

	"adtoorder/io/record"

	"github.com/valyala/fastjson"
)

// field is a field of some records.
type field struct {
	path    string // with [] behind a list
	records int    // that have it
	types   map[string]int
	values  []string // some that differ
	last    int      // the record that was counted last
}

const (
	maxValues = 3  // shown of a field
	maxFields = 80 // shown of a stream
	maxDepth  = 6
)

// fields are the fields of some records, by their paths.
type fields struct {
	byPath  map[string]*field
	objects int // records that are objects
}

// fieldsOf lists the fields of records, in the order of their paths.
func fieldsOf(records []record.Record) (all []*field, objects int) {
	f := fields{byPath: map[string]*field{}}
	var parser fastjson.Parser
	for i := range records {
		v, err := parser.ParseBytes(records[i].Payload)
		if err == nil && v.Type() == fastjson.TypeObject {
			f.objects++
			f.visit(v, "", 0)
		}
	}
	for _, one := range f.byPath {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *field) int { return cmp.Compare(a.path, b.path) })
	return all, f.objects
}

// visit notes the fields of an object, and of what is in them.
func (f *fields) visit(v *fastjson.Value, prefix string, depth int) {
	v.GetObject().Visit(func(name []byte, v *fastjson.Value) {
		path := prefix + string(name)
		f.note(path, v)
		if depth == maxDepth {
			return
		}
		switch v.Type() {
		case fastjson.TypeObject:
			f.visit(v, path+".", depth+1)
		case fastjson.TypeArray:
			for _, element := range v.GetArray() {
				if element.Type() == fastjson.TypeObject {
					f.visit(element, path+"[].", depth+1)
				}
			}
		}
	})
}

// note notes a field of the record that is being looked at.
func (f *fields) note(path string, v *fastjson.Value) {
	one := f.byPath[path]
	if one == nil {
		if len(f.byPath) == 10*maxFields {
			return
		}
		one = &field{path: path, types: map[string]int{}}
		f.byPath[path] = one
	}
	if one.last != f.objects {
		one.last = f.objects
		one.records++
	}
	one.types[typeOf(v)]++
	if value := valueOf(v); value != "" && len(one.values) < maxValues && !slices.Contains(one.values, value) {
		one.values = append(one.values, value)
	}
}

func typeOf(v *fastjson.Value) string {
	switch v.Type() {
	case fastjson.TypeString:
		return "text"
	case fastjson.TypeArray:
		return "list"
	case fastjson.TypeTrue, fastjson.TypeFalse:
		return "boolean"
	}
	return v.Type().String()
}

// valueOf returns a value as it is shown, "" for objects and lists.
func valueOf(v *fastjson.Value) string {
	switch v.Type() {
	case fastjson.TypeString:
		return shortened(string(v.GetStringBytes()), maxValue)
	case fastjson.TypeObject, fastjson.TypeArray, fastjson.TypeNull:
		return ""
	}
	return v.String()
}

// typesOf lists the types that a field has, the most usual first.
func (f *field) typesOf() string {
	var types []string
	for one := range f.types {
		types = append(types, one)
	}
	slices.SortFunc(types, func(a, b string) int {
		return cmp.Or(cmp.Compare(f.types[b], f.types[a]), strings.Compare(a, b))
	})
	return strings.Join(types, " or ")
}
