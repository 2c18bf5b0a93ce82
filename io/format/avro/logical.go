package avro

import (
	"encoding/hex"
	"math/big"
	"strings"
	"time"

	"adtoorder/io/format"

	"github.com/twmb/avro"
)

// text is a value that is JSON already.
type text []byte

// options have values of logical types decoded to texts: what the library decodes them to
// does not tell a date from a time, nor a local time from one in UTC.
var options = []avro.SchemaOpt{
	logical("date", func(n int64) text { return format.AppendDate(nil, n) }),
	logical("time-millis", clock(time.Millisecond)),
	logical("time-micros", clock(time.Microsecond)),
	logical("timestamp-millis", timestamp(time.Millisecond, true)),
	logical("timestamp-micros", timestamp(time.Microsecond, true)),
	logical("timestamp-nanos", timestamp(time.Nanosecond, true)),
	logical("local-timestamp-millis", timestamp(time.Millisecond, false)),
	logical("local-timestamp-micros", timestamp(time.Microsecond, false)),
	logical("local-timestamp-nanos", timestamp(time.Nanosecond, false)),
	avro.CustomType{LogicalType: "decimal", Decode: decimal},
	avro.CustomType{LogicalType: "uuid", AvroType: "fixed", Decode: uuid},
}

// logical decodes a logical type of numbers.
func logical(name string, decode func(int64) text) avro.CustomType {
	return avro.CustomType{LogicalType: name, Decode: func(v any, _ *avro.SchemaNode) (any, error) {
		switch v := v.(type) {
		case int32:
			return decode(int64(v)), nil
		case int64:
			return decode(v), nil
		}
		return v, nil
	}}
}

func clock(unit time.Duration) func(int64) text {
	return func(n int64) text { return format.AppendClock(nil, time.Duration(n)*unit) }
}

func timestamp(unit time.Duration, utc bool) func(int64) text {
	perSecond := int64(time.Second / unit)
	return func(n int64) text {
		return format.AppendTime(nil, time.Unix(n/perSecond, n%perSecond*int64(unit)), utc)
	}
}

// decimal decodes a number that is stored without its point.
func decimal(v any, node *avro.SchemaNode) (any, error) {
	switch v := v.(type) {
	case []byte:
		return text(format.AppendDecimal(nil, format.Signed(v), node.Scale)), nil
	case *big.Rat:
		return text(v.FloatString(node.Scale)), nil
	}
	return v, nil
}

func uuid(v any, _ *avro.SchemaNode) (any, error) {
	b, ok := v.([]byte)
	if !ok || len(b) != 16 {
		return v, nil
	}
	t := hex.EncodeToString(b)
	return strings.Join([]string{t[:8], t[8:12], t[12:16], t[16:20], t[20:]}, "-"), nil
}
