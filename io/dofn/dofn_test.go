package dofn

import (
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/reflectx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type batchFn struct{ Started bool }

func (fn *batchFn) ProcessElement(batch []string, emit func(string)) {
	for _, text := range batch {
		emit(text)
	}
}

type rowFn struct{ Prefix string }

func (fn *rowFn) ProcessElement(a, b string, n int) string {
	return fn.Prefix + a + b + string(rune(n))
}

type pairFn struct{ Prefix string }

func (fn *pairFn) ProcessElement(a, b string, n int) (string, int) { return fn.Prefix + a + b, n }

type failingFn struct{ Err error }

func (fn *failingFn) ProcessElement(a, b, c string, n int) error { return fn.Err }

func init() {
	Batchwise(&batchFn{})
	Each3x1((*rowFn).ProcessElement)
	Each3x2((*pairFn).ProcessElement)
	Each4x1((*failingFn).ProcessElement)
}

// processElement returns a DoFn's ProcessElement as Beam's executor has it.
func processElement(t *testing.T, doFn any) reflectx.Func {
	fn, err := graph.NewFn(doFn)
	require.NoError(t, err)
	do, err := graph.AsDoFn(fn, graph.MainUnknown)
	require.NoError(t, err)
	return do.ProcessElementFn().Fn
}

func TestEachCallsTheDoFnItself(t *testing.T) {
	row := processElement(t, &rowFn{"x"})
	require.Implements(t, (*reflectx.Func3x1)(nil), row)
	assert.Equal(t, "xab!", row.(reflectx.Func3x1).Call3x1("a", "b", int('!')))
	assert.Equal(t, []any{"xab!"}, row.Call([]any{"a", "b", int('!')}))

	pair := processElement(t, &pairFn{"y"})
	require.Implements(t, (*reflectx.Func3x2)(nil), pair)
	text, n := pair.(reflectx.Func3x2).Call3x2("a", "b", 7)
	assert.Equal(t, []any{"yab", 7}, []any{text, n})

	failing := processElement(t, &failingFn{assert.AnError})
	require.Implements(t, (*reflectx.Func4x1)(nil), failing)
	assert.Equal(t, assert.AnError, failing.(reflectx.Func4x1).Call4x1("a", "b", "c", 1))
	assert.Nil(t, processElement(t, &failingFn{}).(reflectx.Func4x1).Call4x1("a", "b", "c", 1))
}

func TestBatchwiseIsKnown(t *testing.T) {
	assert.True(t, IsBatchwise(&batchFn{}))
	assert.False(t, IsBatchwise(&rowFn{}))
	assert.False(t, IsBatchwise(batchFn{}))
	assert.False(t, IsBatchwise(func() {}))
}
