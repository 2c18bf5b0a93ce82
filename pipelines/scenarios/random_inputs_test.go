package scenarios

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// inputs makes random records: few ids, promotions and windows, so that they
// meet, and every fault there is.
type inputs struct {
	random *rand.Rand
	window time.Duration
}

func pick[T any](in inputs, from ...T) T { return from[in.random.IntN(len(from))] }

// rarely is true once in n times.
func (in inputs) rarely(n int) bool { return in.random.IntN(n) == 0 }

func (in inputs) click() string {
	if in.rarely(12) {
		return in.garbage()
	}
	fields := []string{
		in.field("UserId", pick(in, `"U1"`, `5`, `{"a":[1]}`)), in.field("Device", pick(in, `"mobile"`,
			`"täblet"`, `null`, `true`)),
		in.field("Event", in.promotion()), in.field("Timestamp", in.timestamp()),
		in.field("EventType", pick(in, `"Promotion"`, `"Promotion"`, `"Promotion"`, `"Promotion"`, `"Promotion"`,
			`"Checkout"`, `"promotion"`, `null`)),
	}
	if in.rarely(2) {
		fields = append(fields, in.field("EventId", in.id()))
	}
	return in.object(fields)
}

func (in inputs) order() string {
	if in.rarely(12) {
		return in.garbage()
	}
	var lines []string
	for range in.random.IntN(4) {
		lines = append(lines, in.line())
	}
	list := "[" + strings.Join(lines, ",") + "]"
	if in.rarely(25) {
		list = pick(in, `null`, `{}`, `"x"`, `[7]`, `[null]`, `[[]]`, `[{}]`)
	}
	fields := []string{in.field("UserId", `"U1"`), in.field("Timestamp", in.timestamp()), in.field("OrderLines", list)}
	if !in.rarely(4) {
		fields = append(fields, in.field("OrderId", in.id()))
	}
	return in.object(fields)
}

func (in inputs) line() string {
	quantity, price := pick(in, `1`, `2`, `3`, `2.0`, `1e1`, `0`, `"2"`, `"3.0"`),
		pick(in, `19.99`, `5`, `0.0000005`, `0.0000015`, `0.00000250000001`, `1e-7`, `1.5E2`, `0`, `-0.0`, `"19.99"`,
			`"1e-7"`)
	if in.rarely(20) {
		quantity = pick(in, `null`, `-1`, `1.5`, `1.35`, `"1,000"`, `""`, `"1.5"`, `1e30`, `9000000`, `1e-9`,
			`NaN`, `01`, `true`)
	}
	if in.rarely(20) {
		price = pick(in, `null`, `-3`, `"$5"`, `"19,99"`, `{"amount":5}`, `9000000000000`, `1e400`, `-1e-400`,
			`Infinity`, `.5`,
			`9223372036854.775807`, `9223372036854.775808`)
	}
	fields := []string{in.field("ItemId", `"I1"`), in.field("Quantity", quantity), in.field("UnitPrice", price)}
	if !in.rarely(4) {
		fields = append(fields, in.field("Promotion", in.promotion()))
	}
	return in.object(fields)
}

// field writes a field, once in a while wrongly.
func (in inputs) field(name, value string) string {
	switch in.random.IntN(150) {
	case 0:
		value = pick(in, `17`, `true`, `{}`, `[]`, `null`, `""`)
	case 1:
		name = strings.ToLower(name)
	case 2:
		value = pick(in, `"x"`, `null`, `1`) + `,"` + name + `":` + value // the last one counts
	case 3:
		name = fmt.Sprintf(`\u%04x%s`, name[0], name[1:])
	}
	return `"` + name + `":` + value
}

// object puts fields in any order, with some that no one knows.
func (in inputs) object(fields []string) string {
	if in.rarely(8) {
		fields = append(fields, pick(in, `"Extra":{"a":[1,-2.5e3,{"b":null}]}`, `"x":"\ud83d\ude00\n"`, `"x":"\ud800"`,
			`"":0`, "\"x\":\t[]"))
	}
	if in.rarely(60) {
		fields = append(fields, pick(in, `"x":01`, `"x":"\q"`, "\"x\":\"\x01\"", `"x":[1,]`, `"x":nan`,
			"\"x\":\"\xff\"",
			`"x":{"y":1.}`, `"x"`))
	}
	in.random.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return "{" + strings.Join(fields, pick(in, ",", ", ", " ,\t")) + "}"
}

func (in inputs) promotion() string {
	return pick(in, `"P601"`, `"P602"`, `"P601"`, `"P602"`, `"P6\u0030\u0033"`, `"P603"`, `"<b>'\"%s"`, `"Ü🎉"`, `""`)
}

func (in inputs) id() string {
	return pick(in, `"1"`, `"2"`, `"3"`, `"4"`, `"5"`, `"6"`, `"\u0031"`, `"7"`, `""`, `null`, `1`, `2`,
		`9007199254740993`, `9007199254740992`)
}

// timestamp is near the edges of three windows, in any zone.
func (in inputs) timestamp() string {
	if in.rarely(30) {
		return pick(in, `null`, `""`, `"now"`, `"1969-12-31T23:59:59.999Z"`, `"1970-01-01T00:59:59+01:00"`,
			`"9999-12-31T23:59:59-00:01"`,
			`"2026-11-01"`, `"01/02/2026"`, `"2026-13-01T00:00:00Z"`, `"2026-11-01T24:00:00Z"`, `17`,
			`20261101`, `-1793491200`,
			`"17934912000"`, `{"$date":1793491200000}`, `[2026,11,1]`)
	}
	if in.rarely(40) {
		return pick(in, `"1970-01-01T00:00:00Z"`, `"1970-01-01T01:00:00+01:00"`, `"9999-12-31T23:59:59.999Z"`,
			`"2024-02-29T12:00:00Z"`)
	}
	t := time.Date(2026, 11, 1, 0, 0, 0, 0,
		time.UTC).Truncate(in.window).Add(time.Duration(in.random.IntN(3)) * in.window)
	t = t.Add(pick(in, 0, time.Millisecond, -time.Millisecond, -time.Nanosecond, in.window/2,
		time.Duration(in.random.Int64N(int64(in.window)))))
	if in.rarely(4) {
		return in.lenient(t)
	}
	zone := time.FixedZone("", pick(in, 0, 3600, -5*3600, 20700))
	return `"` + t.In(zone).Format(pick(in, time.RFC3339Nano, "2006-01-02T15:04:05.000Z07:00", time.RFC3339)) + `"`
}

// lenient writes a time in other ways than RFC 3339's: without a zone, or as a number.
func (in inputs) lenient(t time.Time) string {
	if in.rarely(2) {
		zone := pick(in, "", "", "UTC", " UTC", "z", "+0100", "-05", " +0000")
		t = t.Add(map[string]time.Duration{"+0100": time.Hour, "-05": -5 * time.Hour}[zone])
		return `"` + t.Format(pick(in, "2006-01-02 15:04:05.999999", "2006-01-02t15:04:05")) + zone + `"`
	}
	nanos := t.UnixNano()
	number := pick(in, fmt.Sprint(t.Unix()), fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond()), fmt.Sprint(nanos/1e6),
		fmt.Sprint(nanos/1e3), fmt.Sprint(nanos))
	return pick(in, number, `"`+number+`"`)
}

// garbage returns a line that is one malformed record.
func (in inputs) garbage() string {
	return pick(in, `hello`, `{"`, `{"UserId":"U1"`, `[1]`, `null`, `17`, `"text"`, "\xff", "{\"UserId\":\"\xc3\x28\"}",
		`{}`, `x {x}`, `{"a":1,}`, `{"Timestamp":"2026-11-01T00:00:00Z"}`, "x\x00", `{'a':1}`)
}

// randomFiles writes a few files of either stream, some of them compressed, and
// returns their lines.
func randomFiles(t *testing.T, random *rand.Rand, dir string, window time.Duration) (lines []inputLine) {
	t.Helper()
	in := inputs{random, window}
	for stream, one := range map[string]func() string{"clicks": in.click, "orders": in.order} {
		for n := range 1 + random.IntN(3) {
			path := filepath.Join(dir, fmt.Sprintf("%s-%d", stream, n))
			zipped := random.IntN(3) == 0
			if zipped {
				path += ".gz"
			}
			var content bytes.Buffer
			for range random.IntN(60) {
				text := one()
				if strings.Contains(text, "\n") {
					text = strings.ReplaceAll(text, "\n", " ")
				}
				end := []string{"\n", "\n", "\n", "\r\n", "\n\n", "\r\n\r\n"}[random.IntN(6)]
				lines = append(lines, inputLine{stream, path, int64(content.Len()), []byte(text), 0, ""})
				content.WriteString(text + end)
			}
			if random.IntN(3) == 0 { // the last line lacks its end
				trimmed := bytes.TrimRight(content.Bytes(), "\r\n")
				content.Truncate(len(trimmed))
			}
			writeFile(t, path, content.Bytes(), zipped)
		}
	}
	return lines
}

func writeFile(t *testing.T, path string, content []byte, zipped bool) {
	t.Helper()
	if zipped {
		var small bytes.Buffer
		w := gzip.NewWriter(&small)
		_, err := w.Write(content)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		content = small.Bytes()
	}
	require.NoError(t, os.WriteFile(path, content, 0o644))
}
