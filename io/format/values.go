package format

import (
	"math"
	"math/big"
	"strconv"
	"time"
)

// AppendFloat appends a number as shortly as tells it from others; null where JSON has
// none for it.
func AppendFloat(to []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(to, "null"...)
	}
	how := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		how = 'e'
	}
	return strconv.AppendFloat(to, f, how, -1, bits)
}

// AppendTime appends a time in RFC 3339, without a zone where it is one of an unknown zone.
func AppendTime(to []byte, t time.Time, utc bool) []byte {
	layout := `"2006-01-02T15:04:05.999999999"`
	if utc {
		layout = `"2006-01-02T15:04:05.999999999Z"`
	}
	return t.UTC().AppendFormat(to, layout)
}

// AppendDate appends the date that is so many days behind 1970-01-01.
func AppendDate(to []byte, days int64) []byte {
	return time.Unix(0, 0).UTC().AddDate(0, 0, int(days)).AppendFormat(to, `"2006-01-02"`)
}

// AppendClock appends a time of day.
func AppendClock(to []byte, sinceMidnight time.Duration) []byte {
	return time.Unix(0, 0).UTC().Add(sinceMidnight).AppendFormat(to, `"15:04:05.999999999"`)
}

// maxScale bounds how long a decimal number gets: formats have 38 digits, some 76.
const maxScale = 100

// AppendDecimal appends an integer times 10^-scale, exactly.
func AppendDecimal(to []byte, unscaled *big.Int, scale int) []byte {
	if scale < 0 || scale > maxScale {
		return append(to, "null"...)
	}
	digits := unscaled.Append(nil, 10)
	if digits[0] == '-' {
		to, digits = append(to, '-'), digits[1:]
	}
	for len(digits) <= scale {
		digits = append([]byte{'0'}, digits...)
	}
	point := len(digits) - scale
	if to = append(to, digits[:point]...); scale > 0 {
		to = append(append(to, '.'), digits[point:]...)
	}
	return to
}

// Signed returns the number of two's complement, big endian.
func Signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}
