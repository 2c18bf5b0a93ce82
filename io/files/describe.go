package files

import "adtoorder/io/framing"

// Framing says how records stand in the file, before any was read; "" where it is none of
// text.
func (r *Reader) Framing() string {
	if r.failed != nil || r.refused != nil {
		return ""
	}
	return framing.Describe(r.text.Start())
}
