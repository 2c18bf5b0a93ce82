package parquet

import (
	"errors"

	"adtoorder/io/format"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	thrift "github.com/parquet-go/parquet-go/format"
)

// node is a node of a file's schema, which writes its part of a row.
type node struct {
	key      []byte // "Name":
	repeated bool   // its values are the elements of a list
	optional bool
	defined  int // definition level from which on a value of it is there
	level    int // repetition level of its elements, where it is repeated
	column   int // its first leaf
	columns  int // how many leaves it has
	children []*node
	// Of a list that its writer has wrapped, inner is what the elements are; of a map, keys
	// and values are children of the repeated one.
	inner *node
	isMap bool
	value func(to []byte, v parquet.Value) []byte // of a leaf
}

// maxDepth is how deep a schema may be nested: no decoder reads deeper JSON.
const maxDepth = 100

// treeOf returns the root of a schema, which is listed depth first.
func treeOf(schema []thrift.SchemaElement) (*node, error) {
	b := builder{schema: schema}
	root, err := b.node(0, 0, 0)
	if err != nil {
		return nil, err
	}
	if root.value != nil || len(root.children) == 0 {
		return nil, errors.New("the file has no columns")
	}
	root.optional, root.repeated = false, false
	return root, nil
}

type builder struct {
	schema []thrift.SchemaElement
	next   int // index of the next element
	leaves int // so far
}

// node builds the next node, below one of some levels.
func (b *builder) node(defined, level, depth int) (*node, error) {
	if b.next >= len(b.schema) || depth > maxDepth {
		return nil, errors.New("the file's schema can't be read")
	}
	e := &b.schema[b.next]
	b.next++
	n := &node{key: append(format.AppendText(nil, e.Name), ':'), column: b.leaves}
	if depth > 0 {
		n.optional = e.RepetitionType.Valid && e.RepetitionType.V == thrift.Optional
		n.repeated = e.RepetitionType.Valid && e.RepetitionType.V == thrift.Repeated
	}
	if n.optional || n.repeated {
		defined++
	}
	if n.repeated {
		level++
	}
	n.defined, n.level = defined, level
	for range e.NumChildren.V {
		child, err := b.node(defined, level, depth+1)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, child)
	}
	if len(n.children) == 0 {
		n.value = valueOf(e)
		b.leaves++
	}
	n.columns = b.leaves - n.column
	n.unwrap(e)
	return n, nil
}

// unwrap finds what a group stands for that is marked as a list or map: its only child is
// repeated, and wraps an element unless an old writer has left that out.
func (n *node) unwrap(e *thrift.SchemaElement) {
	if len(n.children) != 1 || !n.children[0].repeated {
		return
	}
	child := n.children[0]
	_, isList := e.LogicalType.Value.(*thrift.ListType)
	_, isMap := e.LogicalType.Value.(*thrift.MapType)
	if old := e.ConvertedType; old.Valid {
		isList = isList || old.V == deprecated.List
		isMap = isMap || old.V == deprecated.Map || old.V == deprecated.MapKeyValue
	}
	switch wraps := len(child.children) == 1; {
	case isMap && len(child.children) == 2:
		n.inner, n.isMap = child, true
	case isList && wraps && string(child.key) != `"array":`:
		n.inner, child.inner = child, child.children[0]
	case isList:
		n.inner = child
	}
}
