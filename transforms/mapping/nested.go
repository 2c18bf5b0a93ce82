package mapping

import "github.com/valyala/fastjson"

// nested is JSON text within a text, such as the lines in a column of a database.
type nested struct {
	json  fastjson.Parser
	text  *fastjson.Value
	value *fastjson.Value // nil where it is none
}

// maxNested is how many texts' memory is kept from one record to the next.
const maxNested = 8

// open returns the object or array that a text holds, otherwise the value itself.
func (r *Reader) open(v *fastjson.Value) *fastjson.Value {
	if v == nil || v.Type() != fastjson.TypeString {
		return v
	}
	text, _ := v.StringBytes()
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return v
	}
	for i := range r.used {
		if r.nested[i].text == v {
			return r.nested[i].value
		}
	}
	if r.used == len(r.nested) {
		r.nested = append(r.nested, &nested{})
	}
	n := r.nested[r.used]
	r.used++
	n.text, n.value = v, nil
	if inside, err := n.json.ParseBytes(text); err == nil {
		n.value = inside
	}
	return n.value
}
