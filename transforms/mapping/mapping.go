// Package mapping says where clicks and orders of other systems have what ours have: a
// map gives a path for each field. README.md describes the language.
//
// A map is read and checked once (Read), travels to workers as text, and is compiled
// there (Compile). A Reader then finds fields in records that fastjson has parsed, without
// allocating.
package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	_ "time/tzdata" // zones travel with the program
)

// Map is a compiled map of one stream.
type Map struct {
	ID, Time, Type, Promotion, User, Status, Currency Field
	Lines, LineID, Quantity, Price                    Field // of orders

	TimeFormat TimeFormat
	Zone       *time.Location // of times that have none; nil where the map doesn't say
	// RowsAreLines says that each record is a part of an order, with some of its lines.
	RowsAreLines   bool
	linesByDefault bool

	within  []path
	types   []string // of what counts; nil where the type doesn't matter
	where   [][]condition
	exclude []exclusion
	none    []string // texts that stand for nothing
}

// Field is where a field's value stands: the first path that leads to one.
type Field struct {
	paths    []path
	Constant []byte // the value where no path leads to one; nil for none
	Scale    int    // a number has so many digits behind the point that are not written
	Base64   bool   // a number is the base64 of an integer's bytes
}

// Compile compiles a map that Read has returned.
func Compile(text string) (*Map, error) {
	var s source
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, fmt.Errorf("reading a map: %w", err)
	}
	return s.compile()
}

// Hash tells a map from others, in few characters; "" for no map.
func Hash(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// source is a map of one stream as it was written. Fields that it doesn't name are where
// our own records have them.
type source struct {
	Paths      map[string][]string `json:",omitempty"` // by the field's name
	Within     []string            `json:",omitempty"`
	Types      []string            `json:",omitempty"`
	None       []string            `json:",omitempty"`
	Cancelled  []string            `json:",omitempty"`
	Where      [][]sourceCondition `json:",omitempty"`
	Exclude    []sourceExclusion   `json:",omitempty"`
	AnyType    bool                `json:",omitempty"` // the type doesn't matter
	TimeFormat string              `json:",omitempty"`
	TimeZone   string              `json:",omitempty"`
	PriceScale int                 `json:",omitempty"`
	Base64     bool                `json:",omitempty"`
	Rows       bool                `json:",omitempty"`
	OfOrders   bool                `json:",omitempty"`
}

type sourceCondition struct {
	Path    string
	In      []string `json:",omitempty"`
	Matches string   `json:",omitempty"`
	Present bool     `json:",omitempty"`
	Negated bool     `json:",omitempty"`
}

type sourceExclusion struct {
	Reason string
	Any    [][]sourceCondition
}

// Where our own records have the fields.
var (
	ownClick = map[string]string{"id": "EventId", "time": "Timestamp", "type": "EventType", "promotion": "Event",
		"user": "UserId"}
	ownOrder = map[string]string{"id": "OrderId", "time": "Timestamp", "status": "Status", "currency": "Currency",
		"user": "UserId", "lines": "OrderLines", "line_id": "", "promotion": "line.Promotion",
		"quantity": "line.Quantity", "price": "line.UnitPrice"}
)

// own returns where our own records have a stream's fields.
func own(ofOrders bool) map[string]string {
	if ofOrders {
		return ownOrder
	}
	return ownClick
}

// compile makes a map of its source, or says which field is wrong, and how.
func (s *source) compile() (m *Map, err error) {
	m = &Map{RowsAreLines: s.Rows, linesByDefault: s.Paths["lines"] == nil, none: s.None}
	for name, field := range map[string]*Field{"id": &m.ID, "time": &m.Time, "type": &m.Type,
		"promotion": &m.Promotion, "user": &m.User, "status": &m.Status, "currency": &m.Currency, "lines": &m.Lines,
		"line_id": &m.LineID, "quantity": &m.Quantity, "price": &m.Price} {
		texts := s.Paths[name]
		if byDefault := own(s.OfOrders)[name]; texts == nil && byDefault != "" {
			texts = []string{byDefault}
		}
		if *field, err = fieldOf(texts); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	m.Price.Scale, m.Price.Base64 = s.PriceScale, s.Base64
	if !s.OfOrders && !s.AnyType {
		if m.types = s.Types; m.types == nil {
			m.types = []string{"Promotion"}
		}
	}
	if m.within, err = parsePaths(s.Within); err != nil {
		return nil, fmt.Errorf("within: %w", err)
	}
	if m.TimeFormat, err = parseTimeFormat(s.TimeFormat); err != nil {
		return nil, fmt.Errorf("time_format: %w", err)
	}
	if s.TimeZone != "" {
		if m.Zone, err = Zone(s.TimeZone); err != nil {
			return nil, fmt.Errorf("time_zone: found %q; %w", s.TimeZone, err)
		}
	}
	if m.where, err = compileAny(s.Where); err != nil {
		return nil, fmt.Errorf("where: %w", err)
	}
	for _, e := range s.Exclude {
		any, err := compileAny(e.Any)
		if err != nil {
			return nil, fmt.Errorf("exclude, %s: %w", e.Reason, err)
		}
		if strings.ContainsAny(e.Reason, "\r\n") {
			return nil, fmt.Errorf("exclude, %q: a reason must be one line", e.Reason)
		}
		m.exclude = append(m.exclude, exclusion{e.Reason, any})
	}
	return m, nil
}

// constantMark begins the text of a constant.
const constantMark = "="

// fieldOf is the field at some paths, of which the last one may be a constant.
func fieldOf(texts []string) (f Field, err error) {
	if n := len(texts); n > 0 {
		if value, ok := strings.CutPrefix(texts[n-1], constantMark); ok {
			f.Constant, texts = []byte(value), texts[:n-1]
		}
	}
	f.paths, err = parsePaths(texts)
	return f, err
}

func parsePaths(texts []string) (paths []path, err error) {
	for _, text := range texts {
		p, err := parsePath(text)
		if err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	return paths, nil
}

func compileAny(any [][]sourceCondition) (compiled [][]condition, err error) {
	for _, all := range any {
		var conditions []condition
		for _, s := range all {
			c := condition{in: s.In, present: s.Present, negated: s.Negated}
			if c.path, err = parsePath(s.Path); err != nil {
				return nil, err
			}
			if c.path.from == fromLine {
				return nil, fmt.Errorf("the path %q begins at an order's line, of which there may be several; "+
					"must begin at the record ($.line for a field that is called line)", s.Path)
			}
			if s.Matches != "" {
				if c.matches, err = regexp.Compile(s.Matches); err != nil {
					return nil, fmt.Errorf("matches, at the path %q: %w", s.Path, err)
				}
			}
			conditions = append(conditions, c)
		}
		compiled = append(compiled, conditions)
	}
	return compiled, nil
}
