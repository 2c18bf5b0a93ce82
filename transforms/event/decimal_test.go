package event

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// number is what scaled returns.
type number struct {
	n                   int64
	negative, exact, ok bool
}

func scaledNumber(text string, shift int) number {
	n, negative, exact, ok := scaled([]byte(text), shift)
	return number{n, negative, exact, ok}
}

func TestScaled(t *testing.T) {
	const highest = math.MaxInt64
	for _, test := range []struct {
		text  string
		shift int
		want  number
	}{
		{"0", 0, number{0, false, true, true}},
		{"0", 6, number{0, false, true, true}},
		{"7", 0, number{7, false, true, true}},
		{"19.99", 6, number{19_990_000, false, true, true}},
		{"0.000001", 6, number{1, false, true, true}},
		{"100000000000", 6, number{100_000_000_000_000_000, false, true, true}},
		{"999999999999", 6, number{999_999_999_999_000_000, false, true, true}}, // the longest of the short way
		{"1000000000000", 6, number{1_000_000_000_000_000_000, false, true, true}},
		{"0.0000005", 6, number{0, false, false, true}}, // ties to even
		{"0.0000015", 6, number{2, false, false, true}},
		{"0.0000025", 6, number{2, false, false, true}},
		{"0.00000250000000000000000001", 6, number{3, false, false, true}},
		{"0.0000024999999999999999999", 6, number{2, false, false, true}},
		{"2.5", 0, number{2, false, false, true}},
		{"3.5", 0, number{4, false, false, true}},
		{"2.0", 0, number{2, false, true, true}},
		{"2e0", 0, number{2, false, true, true}},
		{"20e-1", 0, number{2, false, true, true}},
		{"0.2E+1", 0, number{2, false, true, true}},
		{"1.5", 0, number{2, false, false, true}},
		{"1e3", 6, number{1_000_000_000, false, true, true}},
		{"1E-7", 6, number{0, false, false, true}},
		{"1e-6", 6, number{1, false, true, true}},
		{"-0", 6, number{0, false, true, true}}, // zero has no sign
		{"-0.000e5", 6, number{0, false, true, true}},
		{"-0.0000001", 6, number{0, true, false, true}}, // but what rounds to it has
		{"-1e-400", 6, number{0, true, false, true}},
		{"-1", 0, number{1, true, true, true}},
		{"0e999999999999999999999", 6, number{0, false, true, true}},
		{"9223372036854.775807", 6, number{highest, false, true, true}},
		{"9223372036854.7758074", 6, number{highest, false, false, true}},
		{"9223372036854.7758075", 6, number{highest, false, false, false}},
		{"9223372036854.775808", 6, number{highest, false, true, false}},
		{"9223372036854775807", 0, number{highest, false, true, true}},
		{"9223372036854775808", 0, number{highest, false, true, false}},
		{"-9223372036854775808", 0, number{highest, true, true, false}},
		{"1e400", 6, number{highest, false, true, false}},
		{"-1e400", 6, number{highest, true, true, false}},
		{"1e-400", 6, number{0, false, false, true}},
		{"1e999999999", 0, number{highest, false, true, false}},
		{"1e-999999999", 0, number{0, false, false, true}},
		{"1e99999999999999999999999", 0, number{highest, false, true, false}},
		{"1e-99999999999999999999999", 0, number{0, false, false, true}},
		{"1e18446744073709551616", 0, number{highest, false, true, false}}, // 2^64
		{"1e-18446744073709551615", 0, number{0, false, false, true}},
		{"0." + strings.Repeat("0", 100_000) + "1e100001", 0, number{1, false, true, true}},
		{"1" + strings.Repeat("0", 100_000) + "e-100000", 6, number{1_000_000, false, true, true}},
		{strings.Repeat("0", 20) + "1", 0, number{1, false, true, true}},
	} {
		t.Run(fmt.Sprintf("%.50s, by 10^%d", test.text, test.shift), func(t *testing.T) {
			assert.Equal(t, test.want, scaledNumber(test.text, test.shift))
		})
	}
}

// rational is scaled in exact fractions.
func rational(text string, shift int) number {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	want := number{negative: value.Sign() < 0, ok: true}
	value.Abs(value).Mul(value, new(big.Rat).SetInt(pow10(shift)))
	want.exact = value.IsInt()
	// The nearest integer: twice the value, plus one, over two, rounded down.
	doubled := new(big.Rat).Add(new(big.Rat).Mul(value, big.NewRat(2, 1)), big.NewRat(1, 1))
	nearest, rest := new(big.Int).QuoRem(doubled.Num(), new(big.Int).Mul(doubled.Denom(), big.NewInt(2)), new(big.Int))
	if rest.Sign() == 0 && nearest.Bit(0) == 1 { // a tie
		nearest.Sub(nearest, big.NewInt(1))
	}
	if !nearest.IsInt64() {
		want.n, want.ok = math.MaxInt64, false
		return want
	}
	want.n = nearest.Int64()
	return want
}

func TestScaledAgainstFractions(t *testing.T) {
	const seed = 1
	random := rand.New(rand.NewPCG(seed, 0))
	digits := func(n int) string {
		var text strings.Builder
		for range n {
			text.WriteByte("0000123455559"[random.IntN(13)])
		}
		return text.String()
	}
	for range 50_000 {
		text := strings.TrimLeft(digits(random.IntN(22)), "0")
		if text == "" {
			text = "0"
		}
		if random.IntN(2) == 0 {
			text += "." + digits(1+random.IntN(12))
		}
		if random.IntN(3) == 0 {
			text += fmt.Sprintf("%c%d", "eE"[random.IntN(2)], random.IntN(61)-30)
		}
		if random.IntN(5) == 0 {
			text = "-" + text
		}
		for _, shift := range []int{0, 6} {
			got, want := scaledNumber(text, shift), rational(text, shift)
			if !want.ok {
				want.exact = got.exact // nobody asks then
			}
			require.Equal(t, want, got, "%s, by 10^%d, seed %d", text, shift, seed)
		}
	}
}
