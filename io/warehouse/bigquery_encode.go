package warehouse

import (
	"encoding/json"
	"math"
	"reflect"

	"adtoorder/io/table"

	"google.golang.org/protobuf/encoding/protowire"
)

// appendField appends a column's value in the encoding of protocol buffers. A
// time is in microseconds, and a null is left out.
func appendField(message []byte, number int, value reflect.Value) []byte {
	field := protowire.Number(number)
	varint := func(n uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(message, field, protowire.VarintType), n)
	}
	text := func(text string) []byte {
		return protowire.AppendString(protowire.AppendTag(message, field, protowire.BytesType), text)
	}
	switch v := value.Interface().(type) {
	case table.Time:
		return varint(uint64(int64(v) * 1000))
	case table.Bytes:
		return text(bytesText(v))
	}
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return message
		}
		return appendField(message, number, value.Elem())
	case reflect.String:
		return text(value.String())
	case reflect.Bool:
		return varint(protowire.EncodeBool(value.Bool()))
	case reflect.Float64:
		return protowire.AppendFixed64(protowire.AppendTag(message, field, protowire.Fixed64Type), math.Float64bits(value.Float()))
	default:
		return varint(uint64(value.Int()))
	}
}

// bytesText is text that may be broken as it is in JSON (package table).
func bytesText(b table.Bytes) (text string) {
	quoted, err := b.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(quoted, &text)
	}
	if err != nil {
		panic(err) // not for any bytes
	}
	return text
}
