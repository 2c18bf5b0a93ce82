// Package avro turns data of Avro into JSON text (twmb/avro: kept, in pure Go, and bounded
// in what damaged data can make it take).
//
//	io.Reader (an object container file) -> []framing.Piece...
//
// A datum becomes a JSON object of its fields, in alphabetical order; a record's offset is
// its index in the file. Timestamps become texts in RFC 3339, decimals exact numbers, bytes
// texts, in base64 where they are no UTF-8; a union is what it holds.
package avro

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"adtoorder/io/format"

	"github.com/twmb/avro"
)

// Schema decodes what was written by it. Many may use it at once.
type Schema struct{ avro *avro.Schema }

// Parse reads a schema, which may use types of others, in an order in which none uses
// types of a later one.
func Parse(text string, others ...string) (Schema, error) {
	var types avro.SchemaCache
	for _, other := range others {
		if _, err := types.Parse(other, options...); err != nil {
			return Schema{}, fmt.Errorf("reading a schema that another one uses: %w", err)
		}
	}
	s, err := types.Parse(text, options...)
	if err != nil {
		return Schema{}, fmt.Errorf("reading the schema: %w", err)
	}
	return Schema{s}, nil
}

// Append appends a datum as JSON.
func (s Schema) Append(to, datum []byte) ([]byte, error) {
	var v any
	rest, err := s.avro.Decode(datum, &v)
	if err == nil && len(rest) > 0 {
		err = errors.New("it is longer than its schema says")
	}
	if err != nil {
		return to, err
	}
	return appendValue(to, v), nil
}

// appendValue appends what a datum is decoded to.
func appendValue(to []byte, v any) []byte {
	switch v := v.(type) {
	case text:
		return append(to, v...)
	case bool:
		return strconv.AppendBool(to, v)
	case int32:
		return strconv.AppendInt(to, int64(v), 10)
	case int64:
		return strconv.AppendInt(to, v, 10)
	case float32:
		return format.AppendFloat(to, float64(v), 32)
	case float64:
		return format.AppendFloat(to, v, 64)
	case string:
		return format.AppendText(to, v)
	case []byte:
		return format.AppendBytes(to, v)
	case []any:
		to = append(to, '[')
		for i, one := range v {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendValue(to, one)
		}
		return append(to, ']')
	case map[string]any:
		to = append(to, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendValue(append(format.AppendText(to, key), ':'), v[key])
		}
		return append(to, '}')
	}
	return append(to, "null"...)
}
