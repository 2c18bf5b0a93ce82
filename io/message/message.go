// Package message takes messages of brokers apart into records: several objects in one,
// in arrays, over lines, compressed, as io/framing and io/compression find them.
//
//	record.Record (a message) -> []record.Record
//
// The connectors below io/unbounded call it. A message's first record has the position
// of the message, the n-th one that and "/n".
package message

import (
	"bytes"
	"strconv"

	"adtoorder/io/compression"
	"adtoorder/io/framing"
	"adtoorder/io/record"
)

// Reasons why a message can't be read; record.Record.Damage.
const (
	// TooLong is of a compressed message that holds more than MaxText.
	TooLong = "too_long_uncompressed"
	// TooMany is of one that holds more than MaxRecords.
	TooMany = "too_many_records"
)

const (
	// MaxText is how much text a compressed message may hold, in bytes.
	MaxText = 64 << 20
	// MaxRecords is how many records a message may hold.
	MaxRecords = 500_000
	// recordSize is about what a record takes beside its text, in bytes.
	recordSize = 150
)

// Splitter takes messages apart. One goroutine may use it at a time.
type Splitter struct {
	pieces []framing.Piece
	size   int64 // of what was found in messages since Reset, in bytes
}

// Reset begins a batch.
func (s *Splitter) Reset() { s.size = 0 }

// Full reports whether the messages of a batch held so much more than it seemed that it
// should end: several such ones may be more than memory takes.
func (s *Splitter) Full() bool { return s.size >= MaxText }

// Split appends the records of a message, whose payload is whole: one that is damaged
// already is one record. What is none that can
// be read is one record, as it is; an empty array has none. Records share the memory of
// the message.
func (s *Splitter) Split(into []record.Record, m record.Record) []record.Record {
	from := len(into)
	into = s.Append(into, m)
	Number(into[from:])
	return into
}

// Append is Split, but for the positions: all are those of the message.
func (s *Splitter) Append(into []record.Record, m record.Record) []record.Record {
	if framing.IsOne(m.Payload) || m.Damage != "" {
		return append(into, whole(m, m.Payload))
	}
	text := m.Payload
	if how := compression.Of(text); how != nil {
		unpacked, damage := unpack(how, text)
		s.size += int64(len(unpacked))
		if damage != "" {
			m.Damage = damage
			return append(into, whole(m, m.Payload))
		}
		text = unpacked
	}
	if len(bytes.TrimSpace(text)) == 0 || !isText(text) {
		return append(into, whole(m, text))
	}
	pieces, ok := framing.All(text, s.pieces[:0], MaxRecords)
	if s.pieces = pieces; !ok {
		m.Damage = TooMany
		return append(into, whole(m, text))
	}
	s.size += recordSize * int64(len(pieces))
	for _, p := range s.pieces {
		one := m
		one.Payload, one.Size = p.Text, p.Size
		into = append(into, one)
	}
	clear(s.pieces) // they would keep their message
	return into
}

// whole returns a message as one record with a payload.
func whole(m record.Record, payload []byte) record.Record {
	m.Payload, m.Size = payload, int64(len(payload))
	if m.Size > record.MaxSize {
		m.Payload = bytes.Clone(payload[:record.MaxKept])
	}
	return m
}

// isText reports whether a message is a text, as far as its start tells. Others, such as
// those of protobuf, may hold what looks like the end of a record.
func isText(text []byte) bool {
	switch first := bytes.TrimLeft(text, " \t\r\n\x1e\xef\xbb\xbf"); {
	case len(first) > 0 && (first[0] == '{' || first[0] == '['):
		return true
	default:
		return compression.IsText(text)
	}
}

// Number gives the records of a message their positions.
func Number(records []record.Record) {
	for i := range records[min(1, len(records)):] {
		r := &records[i+1]
		r.Sequence = r.Position() + "/" + strconv.Itoa(i+2)
	}
}
