package mapping

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// entry is a key of a mapping and its value.
type entry struct {
	key   string
	value *yaml.Node
}

// entriesOf returns the entries of a mapping in their order.
func entriesOf(n *yaml.Node) (entries []entry, err error) {
	if n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s; must be names with values", found(n))
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		e := entry{n.Content[i].Value, n.Content[i+1]}
		if n.Content[i].Kind != yaml.ScalarNode || seen[e.key] {
			return nil, fmt.Errorf("%s: is there twice, or no name (line %d)", e.key, n.Content[i].Line)
		}
		seen[e.key] = true
		if e.value.Kind == yaml.AliasNode {
			e.value = e.value.Alias
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// found says what stands in a place where something else should.
func found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return fmt.Sprintf("found names with values in line %d", n.Line)
	case yaml.SequenceNode:
		return fmt.Sprintf("found a list in line %d", n.Line)
	}
	if n.Tag == "!!null" {
		return "found nothing"
	}
	return fmt.Sprintf("found %q", n.Value)
}

// one returns a text, number or truth as it is written.
func one(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", fmt.Errorf("%s; must be one text", found(n))
	}
	return n.Value, nil
}

// texts returns one or a list of them.
func texts(n *yaml.Node) (all []string, err error) {
	if n.Kind != yaml.SequenceNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
	}
	for _, item := range n.Content {
		text, err := one(item)
		if err != nil {
			return nil, fmt.Errorf("%s; must be a text, or a list of texts", found(item))
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return nil, errors.New("found an empty list; must be a text, or a list of texts")
	}
	return all, nil
}

// readPaths reads a path or a list of paths, of which a number may be the last one: the
// value itself.
func (s *source) readPaths(field string, n *yaml.Node) (paths []string, err error) {
	if paths, err = texts(n); err != nil {
		return nil, err
	}
	items := n.Content
	if n.Kind != yaml.SequenceNode {
		items = []*yaml.Node{n}
	}
	ofLine := field == "promotion" || field == "quantity" || field == "price" || field == "line_id"
	for i, text := range paths {
		if tag := items[i].Tag; tag == "!!int" || tag == "!!float" {
			if field != "quantity" && field != "price" || !decimal.MatchString(text) {
				return nil, fmt.Errorf("found the number %s; must be a path, in quotes if it is a number", text)
			}
			if i < len(paths)-1 {
				return nil, fmt.Errorf("found the number %s before a path; must be the last", text)
			}
			paths[i] = constantMark + text
			continue
		}
		p, err := parsePath(text)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(text, constantMark) || p.from == fromLine && !(ofLine && s.OfOrders) {
			return nil, fmt.Errorf("the path %q must begin at the record, and not with = or line "+
				"($.line for a field that is called line)", text)
		}
	}
	return paths, nil
}

var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// readAny reads conditions that all must hold, or a list of such of which one must.
func readAny(n *yaml.Node) (any [][]sourceCondition, err error) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		entries, err := entriesOf(item)
		if err != nil {
			return nil, fmt.Errorf("%s; must be paths with values, such as {event: Order Completed}", found(item))
		}
		var all []sourceCondition
		for _, e := range entries {
			c := sourceCondition{Path: e.key}
			if err := c.read(e.value, true); err != nil {
				return nil, fmt.Errorf("the path %q: %w", e.key, err)
			}
			all = append(all, c)
		}
		if len(all) == 0 {
			return nil, errors.New("found nothing; must be paths with values, such as {event: Order Completed}")
		}
		any = append(any, all)
	}
	return any, nil
}

// read reads what the value at a path must be.
func (c *sourceCondition) read(n *yaml.Node, mayNegate bool) (err error) {
	if n.Kind != yaml.MappingNode {
		c.In, err = texts(n)
		return err
	}
	entries, err := entriesOf(n)
	if err != nil {
		return err
	}
	if len(entries) != 1 {
		return fmt.Errorf("found %d conditions; must be one", len(entries))
	}
	switch key, value := entries[0].key, entries[0].value; {
	case key == "present" && mayNegate:
		there := false
		if value.Decode(&there) != nil {
			return fmt.Errorf("present: %s; must be true or false", found(value))
		}
		c.Present, c.Negated = true, !there
		return nil
	case key == "matches":
		if c.Matches, err = one(value); err == nil && c.Matches == "" {
			err = errors.New("matches: found an empty text; must be a regular expression")
		}
		return err
	case key == "not" && mayNegate:
		c.Negated = true
		return c.read(value, false)
	default:
		return fmt.Errorf("found %s; must be a text, a list of texts, {present: true}, {matches: EXPRESSION} or "+
			"{not: …}", key)
	}
}

// readExclusions reads reasons and the records that are left out for them.
func readExclusions(n *yaml.Node) (all []sourceExclusion, err error) {
	entries, err := entriesOf(n)
	if err != nil {
		return nil, fmt.Errorf("%s; must be reasons with conditions, such as bot: {userAgent: {matches: bot}}",
			found(n))
	}
	for _, e := range entries {
		any, err := readAny(e.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.key, err)
		}
		if e.key == "" {
			return nil, errors.New("found a reason without a name")
		}
		all = append(all, sourceExclusion{e.key, any})
	}
	return all, nil
}
