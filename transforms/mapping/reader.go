package mapping

import (
	"github.com/valyala/fastjson"
)

// Reader finds what a map names in one record after another. One goroutine may use it at
// a time. Its values are valid until the next record; finding them does not allocate.
type Reader struct {
	*Map
	whole, part *fastjson.Value    // nil where there is none
	nested      []*nested          // of the record
	used        int                // of nested
	number      []byte             // memory for a number's text
	single      [1]*fastjson.Value // and for lines that are one
}

// NewReader returns a reader of records by a map.
func NewReader(m *Map) *Reader { return &Reader{Map: m} }

// Begin begins with a record; nil is a JSON null.
func (r *Reader) Begin(record *fastjson.Value) {
	r.whole, r.part, r.used = record, record, 0
	r.nested = r.nested[:min(len(r.nested), maxNested)]
	if len(r.within) == 0 {
		return
	}
	for i := range r.within {
		v := r.open(r.find(&r.within[i], nil, r.Map))
		if v != nil && v.Type() == fastjson.TypeObject {
			r.part = v
			return
		}
	}
	r.part = nil
}

// Find returns the first of a field's values that is there, nil where none is. The line
// is an order's, or nil.
func (r *Reader) Find(f Field, line *fastjson.Value) *fastjson.Value {
	for i := range f.paths {
		if v := r.find(&f.paths[i], line, r.Map); v != nil {
			return v
		}
	}
	return nil
}

// accepter accepts a value that a path leads to.
type accepter interface {
	accepts(r *Reader, v *fastjson.Value) bool
}

// find returns the first value that a path leads to and that is accepted, otherwise nil.
func (r *Reader) find(p *path, line *fastjson.Value, a accepter) *fastjson.Value {
	from := r.part
	switch p.from {
	case fromWhole:
		from = r.whole
	case fromLine:
		from = line
	}
	if v := r.below(from, p.steps, a); v != nil || len(p.steps) < 2 || p.dotted == "" || from == nil {
		return v
	}
	if v := child(from, p.dotted); v != nil && a.accepts(r, v) {
		return v
	}
	return nil
}

// below returns the first value at the end of steps that is accepted, otherwise nil.
func (r *Reader) below(v *fastjson.Value, steps []step, a accepter) *fastjson.Value {
	for i := range steps {
		if v = r.open(v); v == nil {
			return nil
		}
		switch s := &steps[i]; s.kind {
		case field:
			v = child(v, s.name)
		case index:
			all := v.GetArray()
			if s.index >= len(all) {
				return nil
			}
			v = all[s.index]
		case glob:
			return r.belowAny(v, s, steps[i+1:], a)
		default:
			return r.belowElements(v, s, steps[i+1:], a)
		}
	}
	if v == nil || !a.accepts(r, v) {
		return nil
	}
	return v
}

// belowAny goes into the fields whose names fit.
func (r *Reader) belowAny(v *fastjson.Value, s *step, steps []step, a accepter) (found *fastjson.Value) {
	v.GetObject().Visit(func(name []byte, v *fastjson.Value) {
		if found == nil && s.fits(name) {
			found = r.below(v, steps, a)
		}
	})
	return found
}

// belowElements goes into the elements of an array that fit.
func (r *Reader) belowElements(v *fastjson.Value, s *step, steps []step, a accepter) *fastjson.Value {
	for _, e := range v.GetArray() {
		if s.kind == keyed && string(r.Text(child(e, s.name))) != s.value {
			continue
		}
		if found := r.below(e, steps, a); found != nil {
			return found
		}
	}
	return nil
}

// child returns an object's field, nil where there is none.
func child(v *fastjson.Value, name string) *fastjson.Value {
	if o := v.GetObject(); o != nil {
		return o.Get(name)
	}
	return nil
}

// Text returns a text, number or truth as text, nil for others. That of a number is valid
// until the next call.
func (r *Reader) Text(v *fastjson.Value) []byte {
	if v == nil {
		return nil
	}
	switch v.Type() {
	case fastjson.TypeString:
		text, _ := v.StringBytes()
		return text
	case fastjson.TypeNumber:
		r.number = v.MarshalTo(r.number[:0])
		return r.number
	case fastjson.TypeTrue:
		return trueText
	case fastjson.TypeFalse:
		return falseText
	}
	return nil
}

var trueText, falseText = []byte("true"), []byte("false")

// accepts accepts what is there: no null, no empty text, none of the texts that stand for
// nothing.
func (m *Map) accepts(_ *Reader, v *fastjson.Value) bool {
	if v.Type() == fastjson.TypeNull {
		return false
	}
	if v.Type() != fastjson.TypeString {
		return true
	}
	text, _ := v.StringBytes()
	return len(text) > 0 && !contains(m.none, text)
}
