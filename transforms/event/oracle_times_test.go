package event

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	timestampWant = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?` +
		`(| ?(?:Z|z|UTC|([+-])(\d\d)(?::?(\d\d))?))$`)
	numberWant = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$`)
)

// timeWant reads a time by the words of RFC 3339, and more leniently.
func timeWant(text string) (ms int64, assumed Assumption, reason string) {
	if text == "" {
		return 0, NothingAssumed, NoTimestamp
	}
	if numberWant.MatchString(text) {
		return epochWant(text)
	}
	m := timestampWant.FindStringSubmatch(text)
	if m == nil {
		return 0, NothingAssumed, BadTimestamp
	}
	n := make([]int, len(m))
	for i := range m {
		n[i], _ = strconv.Atoi(m[i])
	}
	offset := time.Duration(n[10])*time.Hour + time.Duration(n[11])*time.Minute
	if m[9] == "-" {
		offset = -offset
	}
	leap := n[6] == 60
	if leap {
		n[6] = 59
	}
	local := time.Date(n[1], time.Month(n[2]), n[3], n[4], n[5], n[6], 0, time.UTC)
	asGiven := fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", n[1], n[2], n[3], n[4], n[5], n[6])
	if local.Format("2006-01-02 15:04:05") != asGiven || n[10] > 23 || n[11] > 59 {
		return 0, NothingAssumed, BadTimestamp // such as the 31st of November
	}
	at := local.Add(-offset)
	if at.Year() < 1970 || at.Year() > 9999 {
		return 0, NothingAssumed, BadYear
	}
	if leap && at.Add(time.Second).Format("02 15:04:05") != "01 00:00:00" {
		return 0, NothingAssumed, BadTimestamp
	}
	if m[8] == "" {
		assumed = NoZone
	}
	fraction, _ := strconv.Atoi((strings.TrimPrefix(m[7], ".") + "000")[:3])
	return at.UnixMilli() + int64(fraction), assumed, ""
}

// epochWant tries each unit in turn, in exact fractions.
func epochWant(text string) (ms int64, assumed Assumption, reason string) {
	amount, _, fits := amountWant(json.RawMessage(text), 3)
	for unit := Seconds; fits && unit <= Nanoseconds; unit++ {
		if floor := new(big.Int).Div(amount.Num(), amount.Denom()); floor.IsInt64() {
			if year := time.UnixMilli(floor.Int64()).UTC().Year(); year >= 2000 && year <= 2100 {
				return floor.Int64(), unit, ""
			}
		}
		amount = new(big.Rat).Quo(amount, big.NewRat(1000, 1))
	}
	return 0, NothingAssumed, BadTimestamp
}
