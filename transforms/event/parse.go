package event

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"time"
	"unicode/utf8"

	"adtoorder/io/record"
	"adtoorder/transforms/mapping"

	// Tells absent, null and wrong types apart without reflection, and without
	// allocating: a fifth of encoding/json's time.
	"github.com/valyala/fastjson"
)

// parser parses payloads, one after another. Field names are case-sensitive;
// of two fields with one name the last counts; null counts as absent; unknown
// fields, and those that nothing computes with, are ignored. Objects may be nested 300
// deep.
type parser struct {
	json   fastjson.Parser
	number []byte // memory for a number's text
	idText []byte // and for that of an id

	scan  scanner // reads most payloads in place of json
	clock clock

	zone   *time.Location  // of times that have none; nil for UTC
	mapped *mapping.Reader // reads payloads in place of both; nil for our own records
	inMap

	// unchecked says that the object holds a value that fastjson reads more
	// leniently than JSON allows, and that nothing else looks at.
	unchecked bool
	wrongType string // the first field that has another type than it should
	noID      bool   // the event that was read last has no id in its payload

	fields
	fieldsOfLine lineFields
	row          lineFields        // those that a record has itself
	promotion    map[string]string // one copy of each name that was seen
}

// fields are the known fields of a click or an order; nil where absent.
type fields struct {
	id, event, eventType, timestamp, lines *fastjson.Value
}

// The memory of names is bounded, since they come from outside.
const (
	maxPromotions = 10_000
	maxInterned   = 256 // bytes of a name that is remembered
)

func newParser() *parser { return &parser{clock: newClock(), promotion: map[string]string{}} }

// open reads the payload's fields.
func (p *parser) open(r record.Record, field func(name []byte, v *fastjson.Value)) (reason string) {
	v, reason := p.value(r)
	if reason != "" {
		return reason
	}
	if v.Type() != fastjson.TypeObject {
		return NotJSONObject
	}
	p.fields, p.row = fields{}, lineFields{}
	v.GetObject().Visit(field)
	return ""
}

// value reads the payload.
func (p *parser) value(r record.Record) (v *fastjson.Value, reason string) {
	switch {
	case r.Damage != "":
		return nil, r.Damage
	case r.Size > record.MaxSize:
		return nil, TooLong
	case !utf8.Valid(r.Payload):
		return nil, InvalidUTF8
	}
	p.wrongType, p.unchecked = "", suspicious(r.Payload)
	v, err := p.json.ParseBytes(wholeEscapes(r.Payload, p.unchecked))
	if err != nil {
		return nil, NotJSONObject
	}
	return v, ""
}

// check judges what reading the fields has noted, and reads the event time (0 where it is
// not known).
func (p *parser) check(r record.Record) (result parsed) {
	timestamp := p.scalar(p.timestamp, "Timestamp", &p.number)
	if p.unchecked && !json.Valid(r.Payload) {
		return parsed{reason: NotJSONObject}
	}
	result.time, result.assumed, result.reason = p.eventTime(timestamp)
	if p.wrongType != "" {
		result.reason = WrongType + ": " + p.wrongType
	}
	return result
}

// wholeEscapes returns a payload as it is, unless it has escapes of UTF-16
// surrogates. fastjson keeps half a pair as it is spelled, so that the name
// would equal another one: such a text is written again, with U+FFFD for it.
func wholeEscapes(payload []byte, escapes bool) []byte {
	if !escapes || !bytes.Contains(payload, []byte(`\ud`)) && !bytes.Contains(payload, []byte(`\uD`)) {
		return payload
	}
	var value any
	numbers := json.NewDecoder(bytes.NewReader(payload))
	numbers.UseNumber() // as they are spelled
	if numbers.Decode(&value) != nil || numbers.More() {
		return payload
	}
	if whole, err := json.Marshal(value); err == nil {
		return whole
	}
	return payload
}

// suspicious reports whether a text has control characters or escapes, which
// fastjson doesn't check.
func suspicious(text []byte) bool {
	if bytes.IndexByte(text, '\\') >= 0 {
		return true
	}
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		// A byte below 0x20 borrows from its own high bit, eight bytes at a time
		// (Bit Twiddling Hacks, "hasless").
		if eight := binary.LittleEndian.Uint64(text); (eight-ones*' ')&^eight&highs != 0 {
			return true
		}
	}
	for _, c := range text {
		if c < ' ' {
			return true
		}
	}
	return false
}

// set notes a known field.
func (p *parser) set(field **fastjson.Value, v *fastjson.Value) {
	p.unknown(*field)
	*field = v
}

// text returns a string field's value, nil where it is absent.
func (p *parser) text(v *fastjson.Value, field string) []byte {
	if !p.isThere(v) {
		return nil
	}
	if v.Type() != fastjson.TypeString {
		p.mistyped(v, field)
		return nil
	}
	return v.GetStringBytes()
}

// scalar returns the text of a field that is a string or a number, nil where it is
// absent. That of a number is in the memory that is given.
func (p *parser) scalar(v *fastjson.Value, field string, memory *[]byte) []byte {
	if !p.isThere(v) || v.Type() != fastjson.TypeNumber {
		return p.text(v, field)
	}
	*memory = v.MarshalTo((*memory)[:0])
	if !isDecimal(*memory) {
		p.unchecked = true // NaN and the like: the whole payload is no JSON
		return nil
	}
	return *memory
}

// amount returns the text of a number, or of a string that could be one; nil where it is
// absent or another string. It is valid until the next call.
func (p *parser) amount(v *fastjson.Value, field string) []byte {
	text := p.scalar(v, field, &p.number)
	if !isDecimal(text) {
		return nil
	}
	return text
}

// isThere reports whether a field is there.
func (p *parser) isThere(v *fastjson.Value) bool { return v != nil && v.Type() != fastjson.TypeNull }

// mistyped notes a field of another type than it should have.
func (p *parser) mistyped(v *fastjson.Value, field string) {
	p.unknown(v)
	p.wrongType = cmp.Or(p.wrongType, field)
}

// unknown notes a value that nothing else looks at; nil for none.
func (p *parser) unknown(v *fastjson.Value) {
	if v == nil {
		return
	}
	switch v.Type() {
	case fastjson.TypeNumber:
		p.number = v.MarshalTo(p.number[:0])
		p.unchecked = p.unchecked || !isDecimal(p.number)
	case fastjson.TypeObject, fastjson.TypeArray:
		p.unchecked = true
	}
}

// name returns a promotion's name as a string, the same one each time.
func (p *parser) name(text []byte) string {
	if name, ok := p.promotion[string(text)]; ok {
		return name
	}
	if len(text) > maxInterned {
		return string(text)
	}
	if len(p.promotion) >= maxPromotions {
		clear(p.promotion)
	}
	name := string(text)
	p.promotion[name] = name
	return name
}
