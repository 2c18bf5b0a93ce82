package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"
)

// idFields are the fields of a payload that tell its record from others.
var idFields = map[string]string{ledger.Clicks: "EventId", ledger.Orders: "OrderId"}

// idOf returns the id that a record has by its place: 128 bits of a hash, so
// that it is short wherever the record comes from.
func idOf(r engine.RejectRow) string {
	place := sha256.Sum256([]byte(r.Stream + "\x00" + r.Source + "\x00" + r.Position))
	return fmt.Sprintf("replay:%x", place[:16])
}

// identified returns a payload with an id. One that is no JSON object, or has an
// id, stays as it is. The id becomes the last field: of fields with one name,
// such as an id that is null, the last counts.
func identified(r engine.RejectRow) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(r.Payload, &fields) != nil || fields == nil {
		return r.Payload
	}
	name := idFields[r.Stream]
	switch string(fields[name]) {
	case "", "null", `""`:
	default:
		return r.Payload
	}
	separator := ","
	if len(fields) == 0 {
		separator = ""
	}
	end := bytes.LastIndexByte(r.Payload, '}')
	return slices.Concat(r.Payload[:end], fmt.Appendf(nil, `%s"%s":"%s"`, separator, name, idOf(r)), r.Payload[end:])
}

// oneLine replaces line breaks by blanks, as JSON allows: within its strings
// there are none.
func oneLine(payload []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(payload, []byte("\r"), []byte(" ")), []byte("\n"), []byte(" "))
}
