package event

import (
	"math"
	"math/big"
)

// isDecimal reports whether a text is a number as JSON has them.
func isDecimal(text []byte) bool {
	if len(text) > 0 && text[0] == '-' {
		text = text[1:]
	}
	whole := digits(text)
	if whole == 0 || whole > 1 && text[0] == '0' {
		return false
	}
	text = text[whole:]
	if len(text) > 0 && text[0] == '.' {
		n := digits(text[1:])
		if n == 0 {
			return false
		}
		text = text[1+n:]
	}
	if len(text) == 0 || text[0] != 'e' && text[0] != 'E' {
		return len(text) == 0
	}
	if text = text[1:]; len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	return len(text) > 0 && digits(text) == len(text)
}

// digits returns how many digits a text begins with.
func digits(text []byte) int {
	for i, c := range text {
		if c-'0' > 9 {
			return i
		}
	}
	return len(text)
}

// maxScale bounds the powers of ten that are looked at: beyond it a number
// is an overflow or rounds to nothing, whatever its digits.
const maxScale = 40

// scaled returns the number that a JSON number's text stands for, times
// 10^shift, rounded to an integer with ties to even, and whether the rounding
// left it as it was. The sign is that of the text, also where it rounds to 0;
// -0 has none. A result beyond 64 bits is math.MaxInt64 with ok false.
func scaled(text []byte, shift int) (n int64, negative, exact, ok bool) {
	if n, ok := short(text, shift); ok {
		return n, false, true, true
	}
	digits, exponent, negative := mantissa(text)
	if len(digits) == 0 {
		return 0, false, true, true // zero
	}
	exponent += shift
	if len(digits)+exponent > maxScale {
		return math.MaxInt64, negative, true, false
	}
	if len(digits)+exponent < -maxScale {
		return 0, negative, false, true
	}
	value, _ := new(big.Int).SetString(string(digits), 10)
	exact = true
	if exponent >= 0 {
		value.Mul(value, pow10(exponent))
	} else {
		value, exact = divideToEven(value, pow10(-exponent))
	}
	if !value.IsInt64() {
		return math.MaxInt64, negative, exact, false
	}
	return value.Int64(), negative, exact, true
}

// short is scaled for the numbers that records are full of: a few digits, no
// sign, no exponent, nothing to round.
func short(text []byte, shift int) (n int64, ok bool) {
	if len(text) > 12 || shift < 0 || shift > 6 {
		return 0, false
	}
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
		case c == '.' && len(text)-i-1 <= shift:
			shift -= len(text) - i - 1
		default:
			return 0, false
		}
	}
	for range shift {
		n *= 10
	}
	return n, true
}

// mantissa splits a JSON number into digits without leading or trailing zeros
// (none for zero), a power of ten that is at most a few thousand off zero more
// than the text is long, and its sign.
func mantissa(text []byte) (digits []byte, exponent int, negative bool) {
	if text[0] == '-' {
		negative, text = true, text[1:]
	}
	fraction := false
	for i, c := range text {
		if c == '.' {
			fraction = true
			continue
		}
		if c == 'e' || c == 'E' {
			exponent += power(text[i+1:])
			break
		}
		if fraction {
			exponent--
		}
		if len(digits) > 0 || c != '0' {
			digits = append(digits, c)
		}
	}
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	return digits, exponent, negative && len(digits) > 0
}

// power reads the digits behind an e, and stops growing where no text of
// record.MaxSize could bring the number back into range.
func power(text []byte) int {
	sign, n := 1, 0
	for _, c := range text {
		switch {
		case c == '-':
			sign = -1
		case c != '+' && n < 1<<30:
			n = n*10 + int(c-'0')
		}
	}
	return sign * n
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// divideToEven returns a/b rounded to the nearest integer, ties to even, and
// whether nothing had to be rounded.
func divideToEven(a, b *big.Int) (*big.Int, bool) {
	quotient, rest := new(big.Int).QuoRem(a, b, new(big.Int))
	if rest.Sign() == 0 {
		return quotient, true
	}
	half := rest.Lsh(rest, 1).Cmp(b)
	if half > 0 || half == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient, false
}
