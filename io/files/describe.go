package files

import "adtoorder/io/framing"

// Framing says how records stand in the file, before any was read; "" where it can't be
// read.
func (r *Reader) Framing() string {
	if r.failed != nil || r.refused != nil {
		return ""
	}
	if text, isJSON := r.text.(*framing.Reader); isJSON {
		return framing.Describe(text.Start())
	}
	return "rows of " + r.format
}
