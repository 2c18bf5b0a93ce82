package event

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"unicode/utf8"

	"adtoorder/io/record"

	// Tells absent, null and wrong types apart without reflection, and without
	// allocating: a fifth of encoding/json's time.
	"github.com/valyala/fastjson"
)

// parser parses payloads, one after another. Field names are case-sensitive;
// of two fields with one name the last counts; null counts as absent; unknown
// fields are ignored. Objects may be nested 300 deep.
type parser struct {
	json   fastjson.Parser
	number []byte // memory for a number's text

	scan  scanner // reads most payloads in place of json
	clock clock

	// unchecked says that the object holds a value that fastjson reads more
	// leniently than JSON allows, and that nothing else looks at.
	unchecked bool
	wrongType bool

	fields
	fieldsOfLine lineFields
	promotion    map[string]string // one copy of each name that was seen
}

// fields are the known fields of a click or an order; nil where absent.
type fields struct {
	id, userID, device, event, eventType, timestamp, lines *fastjson.Value
}

// The memory of names is bounded, since they come from outside.
const (
	maxPromotions = 10_000
	maxInterned   = 256 // bytes of a name that is remembered
)

func newParser() *parser { return &parser{clock: newClock(), promotion: map[string]string{}} }

// open reads the payload's fields.
func (p *parser) open(r record.Record, field func(name []byte, v *fastjson.Value)) (reason string) {
	switch {
	case r.Damage != "":
		return r.Damage
	case r.Size > record.MaxSize:
		return TooLong
	case !utf8.Valid(r.Payload):
		return InvalidUTF8
	}
	p.fields, p.wrongType, p.unchecked = fields{}, false, suspicious(r.Payload)
	v, err := p.json.ParseBytes(wholeEscapes(r.Payload, p.unchecked))
	if err != nil || v.Type() != fastjson.TypeObject {
		return NotJSONObject
	}
	v.GetObject().Visit(field)
	return ""
}

// check judges what reading the fields has noted, and returns the event time
// (0 where it is not known).
func (p *parser) check(r record.Record) (time int64, reason string) {
	timestamp := p.text(p.timestamp)
	if p.unchecked && !json.Valid(r.Payload) {
		return 0, NotJSONObject
	}
	time, reason = eventTime(timestamp)
	if p.wrongType {
		reason = WrongType
	}
	return time, reason
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
	if *field != nil {
		p.unknown(*field)
	}
	*field = v
}

// text returns a string field's value, nil where it is absent.
func (p *parser) text(v *fastjson.Value) []byte {
	if p.ofType(v, fastjson.TypeString) {
		return v.GetStringBytes()
	}
	return nil
}

// amount returns the text of a number field, nil where it is absent. It is
// valid until the next call.
func (p *parser) amount(v *fastjson.Value) []byte {
	if !p.ofType(v, fastjson.TypeNumber) {
		return nil
	}
	p.number = v.MarshalTo(p.number[:0])
	if !json.Valid(p.number) {
		p.unchecked = true // NaN and the like: the whole payload is no JSON
		return nil
	}
	return p.number
}

// ofType reports whether a field is there, and notes where it has another type.
func (p *parser) ofType(v *fastjson.Value, want fastjson.Type) bool {
	if v == nil || v.Type() == fastjson.TypeNull {
		return false
	}
	if v.Type() != want {
		p.unknown(v)
		p.wrongType = true
		return false
	}
	return true
}

// unknown notes a value that nothing else looks at.
func (p *parser) unknown(v *fastjson.Value) {
	switch v.Type() {
	case fastjson.TypeNumber, fastjson.TypeObject, fastjson.TypeArray:
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
