package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	// YAML's own organisation keeps it, and testify brings it anyway.
	"go.yaml.in/yaml/v3"
)

// The sections of a map.
const (
	Clicks = "clicks"
	Orders = "orders"
)

// maxFile is how large a file may be that is a map: a file of records is none.
const maxFile = 1 << 20

// Read reads and checks a map, a file or a preset by its name, and returns what it says of
// a stream as text, the same for any file that says the same. Its errors read on from the
// map's name.
func Read(name, stream string) (text string, err error) {
	content, preset := Preset(name)
	if !preset {
		if content, err = readFile(name); err != nil {
			return "", err
		}
	}
	sections, err := parseFile(content, stream)
	if err != nil {
		return "", err
	}
	s := sections[stream]
	if s == nil {
		return "", fmt.Errorf("says nothing of %s; leave --%s_map out, or give a map with a section %s", stream, stream,
			stream)
	}
	written, err := json.Marshal(s)
	return string(written), err
}

func readFile(name string) (content []byte, err error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("is no file, and no preset; must be a file (YAML or JSON), or one of %s",
			strings.Join(Presets(), ", "))
	case err != nil:
		return nil, fmt.Errorf("can't be read: %w", err)
	case info.IsDir() || info.Size() > maxFile:
		return nil, errors.New("is no map: must be a file of at most 1 MiB, in YAML or JSON")
	}
	if content, err = os.ReadFile(name); err != nil {
		return nil, fmt.Errorf("can't be read: %w", err)
	}
	return content, nil
}

// parseFile reads the sections of a file and checks all of them. A file without any is
// one of the stream.
func parseFile(content []byte, stream string) (sections map[string]*source, err error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if json.Valid(content) { // YAML has no tabs between things
		var spaced bytes.Buffer
		if err := json.Indent(&spaced, content, "", " "); err != nil {
			return nil, err
		}
		content = spaced.Bytes()
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("is no YAML: %w; put paths and texts with special characters into quotes",
			errors.New(strings.TrimPrefix(err.Error(), "yaml: ")))
	}
	if len(document.Content) == 0 {
		return nil, errors.New("is empty; must have a section clicks, or orders, or both")
	}
	entries, err := entriesOf(document.Content[0])
	if err != nil {
		return nil, err
	}
	isSection := func(e entry) bool { return e.key == Clicks || e.key == Orders }
	if !slices.ContainsFunc(entries, isSection) {
		entries = []entry{{stream, document.Content[0]}}
	}
	sections = map[string]*source{}
	for _, e := range entries {
		if !isSection(e) {
			return nil, fmt.Errorf("has %s beside its sections; must have clicks and orders only, and fields in them",
				e.key)
		}
		if e.value.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("%s: %s; must be fields with paths, such as id: order_id", e.key, found(e.value))
		}
		s := &source{OfOrders: e.key == Orders}
		if err := s.read(e.value); err != nil {
			return nil, fmt.Errorf("%s.%w", e.key, err)
		}
		if _, err := s.compile(); err != nil {
			return nil, fmt.Errorf("%s.%w", e.key, err)
		}
		sections[e.key] = s
	}
	return sections, nil
}

// read reads a section.
func (s *source) read(n *yaml.Node) error {
	entries, err := entriesOf(n)
	if err != nil {
		return err
	}
	s.Paths = map[string][]string{}
	for _, e := range entries {
		if err := s.readField(e.key, e.value); err != nil {
			return fmt.Errorf("%s: %w", e.key, err)
		}
	}
	return s.check()
}

func (s *source) readField(name string, n *yaml.Node) (err error) {
	if _, isField := own(s.OfOrders)[name]; isField {
		s.Paths[name], err = s.readPaths(name, n)
		return err
	}
	switch {
	case name == "within":
		s.Within, err = s.readPaths(name, n)
	case name == "where":
		if s.AnyType = true; n.Kind != yaml.ScalarNode || n.Value != "all" {
			s.Where, err = readAny(n)
		}
	case name == "exclude":
		s.Exclude, err = readExclusions(n)
	case name == "none":
		s.None, err = texts(n)
	case name == "time_format":
		s.TimeFormat, err = one(n)
	case name == "time_zone":
		s.TimeZone, err = one(n)
	case name == "types" && !s.OfOrders:
		s.Types, err = texts(n)
	case name == "cancelled" && s.OfOrders:
		s.Cancelled, err = texts(n)
	case name == "rows" && s.OfOrders:
		if s.Rows = n.Value == "lines"; !s.Rows {
			err = fmt.Errorf("%s; must be lines, or left out", found(n))
		}
	case name == "price_scale" && s.OfOrders:
		if n.Decode(&s.PriceScale) != nil || s.PriceScale < 0 || s.PriceScale > 18 {
			err = fmt.Errorf("%s; must be how many digits are behind the point, 0 to 18", found(n))
		}
	case name == "price_format" && s.OfOrders:
		if s.Base64 = n.Value == "base64"; !s.Base64 && n.Value != "decimal" {
			err = fmt.Errorf("%s; must be decimal or base64", found(n))
		}
	default:
		err = fmt.Errorf("is not known; must be one of %s", strings.Join(s.known(), ", "))
	}
	return err
}

// known are the names of what a section may have.
func (s *source) known() []string {
	names := slices.Sorted(maps.Keys(own(s.OfOrders)))
	names = append(names, "within", "where", "exclude", "none", "time_format", "time_zone")
	if s.OfOrders {
		return append(names, "cancelled", "rows", "price_scale", "price_format")
	}
	return append(names, "types")
}

// check checks what concerns several fields.
func (s *source) check() error {
	typed := s.Paths["type"] != nil || s.Types != nil
	if typed {
		s.AnyType = false
	}
	switch {
	case !s.OfOrders && s.Paths["promotion"] != nil && s.Paths["time"] != nil && !typed && !s.AnyType:
		return errors.New("where: is not there, nor are type and types; must say which records are clicks on " +
			"promotions: type: EventType as in our own records, where: {event: Promotion Clicked}, say, or where: all")
	case s.Paths["line_id"] != nil && !s.Rows:
		return errors.New("line_id: is for orders that have a row a line; give rows: lines, too")
	}
	return nil
}
