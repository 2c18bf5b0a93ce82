package engine

import (
	"encoding/binary"
	"errors"
	"reflect"

	"adtoorder/io/table"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

func init() { beam.RegisterCoder(reflect.TypeFor[RejectRow](), encodeReject, decodeReject) }

// Flink reads elements that it moves. In Beam Go's own coder of structs (2.77) a
// type of bytes with a name of its own is written as bytes, but told to be a
// list; so rejects have a coder that is opaque to runners.

func encodeReject(r RejectRow) []byte {
	b := make([]byte, 0, 64+len(r.Source)+len(r.Payload))
	for _, text := range []string{r.Stream, r.Source, r.Position, r.Outcome, r.Reason, string(r.Payload)} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	b = binary.AppendVarint(b, int64(r.Time))
	if r.Cut {
		return append(b, 1)
	}
	return append(b, 0)
}

var errShortReject = errors.New("decoding a reject: it ends too early")

func decodeReject(b []byte) (r RejectRow, err error) {
	var payload string
	for _, text := range []*string{&r.Stream, &r.Source, &r.Position, &r.Outcome, &r.Reason, &payload} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return r, errShortReject
		}
		*text, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	at, size := binary.Varint(b)
	if size <= 0 || len(b) != size+1 {
		return r, errShortReject
	}
	r.Time, r.Payload, r.Cut = table.Time(at), table.Bytes(payload), b[size] == 1
	return r, nil
}
