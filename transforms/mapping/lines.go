package mapping

import "github.com/valyala/fastjson"

// Lines returns an order's lines; ok is false where there are none.
func (r *Reader) Lines() (lines []*fastjson.Value, ok bool) {
	v := r.open(r.Find(r.Map.Lines, nil))
	if v == nil && r.linesByDefault && r.RowsAreLines {
		v = r.part
	}
	switch {
	case v == nil:
		return nil, false
	case v.Type() == fastjson.TypeArray:
		return v.GetArray(), true
	case v.Type() == fastjson.TypeObject:
		r.single[0] = v
		return r.single[:], true
	}
	return nil, false
}

// Promotions appends the promotion of each line to some, nil for none. A promotion of the
// whole order is that of its lines where none of them has one of its own.
func (r *Reader) Promotions(to []*fastjson.Value, lines []*fastjson.Value) []*fastjson.Value {
	for range lines {
		to = append(to, nil)
	}
	found := false
	for i := range r.Map.Promotion.paths {
		p := &r.Map.Promotion.paths[i]
		if p.from == fromLine {
			for j, line := range lines {
				if to[j] == nil {
					to[j] = r.find(p, line, r.Map)
					found = found || to[j] != nil
				}
			}
			continue
		}
		if found {
			continue
		}
		if v := r.find(p, nil, r.Map); v != nil {
			for j := range to {
				to[j] = v
			}
			return to
		}
	}
	return to
}
