package traffic

import (
	"strconv"
	"time"
)

// stamper writes timestamps in RFC 3339 with milliseconds, in UTC. It keeps the
// text of the last second, since most records share it with their neighbour.
type stamper struct {
	second int64 // Unix time
	text   []byte
}

func (s *stamper) appendTo(buf []byte, unixMilli int64) []byte {
	second, milli := unixMilli/1000, unixMilli%1000
	if s.text == nil || second != s.second {
		s.second = second
		s.text = time.Unix(second, 0).UTC().AppendFormat(s.text[:0], "2006-01-02T15:04:05.")
	}
	buf = append(buf, s.text...)
	return append(appendPadded(buf, int(milli), 3), 'Z')
}

// appendPadded writes n >= 0 with leading zeros up to the width.
func appendPadded(buf []byte, n, width int) []byte {
	for limit := 10; width > 1; width-- {
		if n < limit {
			break
		}
		limit *= 10
	}
	for ; width > 1; width-- {
		buf = append(buf, '0')
	}
	return strconv.AppendInt(buf, int64(n), 10)
}
