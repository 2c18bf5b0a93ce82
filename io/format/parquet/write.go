package parquet

import "github.com/parquet-go/parquet-go"

// appendGroup appends a group as an object. values are what is left of a row, by column.
func (n *node) appendGroup(to []byte, values [][]parquet.Value) []byte {
	to = append(to, '{')
	for i, child := range n.children {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(to, child.key...)
		to = child.append(to, values)
	}
	return append(to, '}')
}

// append appends a node's next value, and takes it from the values.
func (n *node) append(to []byte, values [][]parquet.Value) []byte {
	if !n.repeated {
		return n.appendOne(to, values)
	}
	return n.appendList(to, values)
}

// appendList appends the elements of a repeated node.
func (n *node) appendList(to []byte, values [][]parquet.Value) []byte {
	to = append(to, '[')
	if !n.isThere(values) {
		n.skip(values)
		return append(to, ']')
	}
	for first := true; first || n.goesOn(values); first = false {
		if !first {
			to = append(to, ',')
		}
		if n.inner != nil {
			to = n.inner.append(to, values)
		} else {
			to = n.appendPresent(to, values)
		}
	}
	return append(to, ']')
}

// appendMap appends the pairs of a repeated node as an object.
func (n *node) appendMap(to []byte, values [][]parquet.Value) []byte {
	to = append(to, '{')
	if !n.isThere(values) {
		n.skip(values)
		return append(to, '}')
	}
	for first := true; first || n.goesOn(values); first = false {
		if !first {
			to = append(to, ',')
		}
		from := len(to)
		to = n.children[0].append(to, values)
		if to[from] != '"' { // a number or the like
			key := string(to[from:])
			to = append(append(append(to[:from], '"'), escapeQuotes(key)...), '"')
		}
		to = n.children[1].append(append(to, ':'), values)
	}
	return append(to, '}')
}

// appendOne appends a node that is there once or not at all.
func (n *node) appendOne(to []byte, values [][]parquet.Value) []byte {
	if !n.isThere(values) {
		n.skip(values)
		return append(to, "null"...)
	}
	return n.appendPresent(to, values)
}

func (n *node) appendPresent(to []byte, values [][]parquet.Value) []byte {
	switch {
	case n.value != nil:
		left := values[n.column]
		values[n.column] = left[1:]
		return n.value(to, left[0])
	case n.isMap:
		return n.inner.appendMap(to, values)
	case n.inner != nil:
		return n.inner.appendList(to, values)
	}
	return n.appendGroup(to, values)
}

// isThere reports whether a node's next value is one: its leaves say down to where values
// are there.
func (n *node) isThere(values [][]parquet.Value) bool {
	left := values[n.column]
	return len(left) > 0 && left[0].DefinitionLevel() >= n.defined
}

// goesOn reports whether there is another element of a repeated node's list.
func (n *node) goesOn(values [][]parquet.Value) bool {
	left := values[n.column]
	return len(left) > 0 && left[0].RepetitionLevel() == n.level
}

// skip takes what stands in place of a value that is not there: one in each leaf.
func (n *node) skip(values [][]parquet.Value) {
	for i := n.column; i < n.column+n.columns; i++ {
		if len(values[i]) > 0 {
			values[i] = values[i][1:]
		}
	}
}
