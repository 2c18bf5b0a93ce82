package bigquery

import (
	"encoding/json"
	"math"
	"reflect"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery/storage/managedwriter/adapt"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// describe returns the message that a row is sent as: column i is field i+1.
func describe(columns []table.Column) (*descriptorpb.DescriptorProto, error) {
	schema, err := adapt.BQSchemaToStorageTableSchema(schemaOf(columns))
	if err != nil {
		return nil, err
	}
	message, err := adapt.StorageSchemaToProto2Descriptor(schema, "row")
	if err != nil {
		return nil, err
	}
	return adapt.NormalizeDescriptor(message.(protoreflect.MessageDescriptor))
}

// encode returns a row, given as a pointer, as such a message.
func encode(columns []table.Column, row any) (message []byte) {
	for i, c := range columns {
		message = appendField(message, i+1, reflect.ValueOf(c.Value(row)))
	}
	return message
}

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
		tagged := protowire.AppendTag(message, field, protowire.Fixed64Type)
		return protowire.AppendFixed64(tagged, math.Float64bits(value.Float()))
	default:
		return varint(uint64(value.Int()))
	}
}

// bytesText is how JSON has bytes (package table): as text, or as a data URL where they
// are not UTF-8.
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
