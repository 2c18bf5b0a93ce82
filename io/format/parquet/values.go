package parquet

import (
	"encoding/hex"
	"math/big"
	"strconv"
	"strings"
	"time"

	"adtoorder/io/format"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	thrift "github.com/parquet-go/parquet-go/format"
)

func escapeQuotes(key string) string { return strings.ReplaceAll(key, `"`, `\"`) }

type appender = func(to []byte, v parquet.Value) []byte

// valueOf returns what writes the values of a leaf: as its logical type has them, or as it
// is stored.
func valueOf(e *thrift.SchemaElement) appender {
	switch l := e.LogicalType.Value.(type) {
	case *thrift.DecimalType:
		return decimal(int(l.Scale))
	case *thrift.TimestampType:
		if l.Unit.Value != nil {
			return timestamp(l.Unit.Value.Duration(), l.IsAdjustedToUTC)
		}
	case *thrift.TimeType:
		if l.Unit.Value != nil {
			return clock(l.Unit.Value.Duration())
		}
	case *thrift.DateType:
		return date
	case *thrift.UUIDType:
		return uuid
	case *thrift.IntType:
		if !l.IsSigned {
			return unsigned
		}
	case nil:
		if e.ConvertedType.Valid {
			return converted(e)
		}
	}
	return stored
}

// converted is valueOf by the older kind of logical type.
func converted(e *thrift.SchemaElement) appender {
	switch e.ConvertedType.V {
	case deprecated.Decimal:
		return decimal(int(e.Scale.V))
	case deprecated.TimestampMillis:
		return timestamp(time.Millisecond, true)
	case deprecated.TimestampMicros:
		return timestamp(time.Microsecond, true)
	case deprecated.TimeMillis:
		return clock(time.Millisecond)
	case deprecated.TimeMicros:
		return clock(time.Microsecond)
	case deprecated.Date:
		return date
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return unsigned
	}
	return stored
}

// stored appends a value as it is stored.
func stored(to []byte, v parquet.Value) []byte {
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.AppendBool(to, v.Boolean())
	case parquet.Int32:
		return strconv.AppendInt(to, int64(v.Int32()), 10)
	case parquet.Int64:
		return strconv.AppendInt(to, v.Int64(), 10)
	case parquet.Int96:
		return int96(to, v)
	case parquet.Float:
		return format.AppendFloat(to, float64(v.Float()), 32)
	case parquet.Double:
		return format.AppendFloat(to, v.Double(), 64)
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return format.AppendBytes(to, v.ByteArray())
	}
	return append(to, "null"...)
}

func integer(v parquet.Value) int64 {
	if v.Kind() == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

func isInteger(v parquet.Value) bool { return v.Kind() == parquet.Int32 || v.Kind() == parquet.Int64 }

func unsigned(to []byte, v parquet.Value) []byte {
	switch v.Kind() {
	case parquet.Int32:
		return strconv.AppendUint(to, uint64(v.Uint32()), 10)
	case parquet.Int64:
		return strconv.AppendUint(to, v.Uint64(), 10)
	}
	return stored(to, v)
}

func decimal(scale int) appender {
	return func(to []byte, v parquet.Value) []byte {
		switch {
		case isInteger(v):
			return format.AppendDecimal(to, big.NewInt(integer(v)), scale)
		case v.Kind() == parquet.ByteArray || v.Kind() == parquet.FixedLenByteArray:
			return format.AppendDecimal(to, format.Signed(v.ByteArray()), scale)
		}
		return stored(to, v)
	}
}

func timestamp(unit time.Duration, utc bool) appender {
	perSecond := int64(time.Second / unit)
	return func(to []byte, v parquet.Value) []byte {
		if v.Kind() != parquet.Int64 {
			return stored(to, v)
		}
		n := v.Int64()
		return format.AppendTime(to, time.Unix(n/perSecond, n%perSecond*int64(unit)), utc)
	}
}

// int96 appends a timestamp as Impala and old Spark have it: nanoseconds of a day, and
// the day by Julian count.
func int96(to []byte, v parquet.Value) []byte {
	const epoch, day = 2440588, 24 * 60 * 60
	n := v.Int96()
	nanos := int64(uint64(n[1])<<32 | uint64(n[0]))
	return format.AppendTime(to, time.Unix((int64(n[2])-epoch)*day, nanos), true)
}

func clock(unit time.Duration) appender {
	return func(to []byte, v parquet.Value) []byte {
		if !isInteger(v) {
			return stored(to, v)
		}
		return format.AppendClock(to, time.Duration(integer(v))*unit)
	}
}

func date(to []byte, v parquet.Value) []byte {
	if !isInteger(v) {
		return stored(to, v)
	}
	return format.AppendDate(to, integer(v))
}

func uuid(to []byte, v parquet.Value) []byte {
	b := v.ByteArray()
	if len(b) != 16 {
		return stored(to, v)
	}
	text := hex.EncodeToString(b)
	return format.AppendText(to, strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-"))
}
