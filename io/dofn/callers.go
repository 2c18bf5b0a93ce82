package dofn

import (
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/reflectx"
)

// The callers implement reflectx.FuncNxM, by which Beam's executor calls a method
// with as many arguments without reflection. Call is for those who don't count.

type caller3x1[A, B, C, R any] struct{ do func(A, B, C) R }

func (c *caller3x1[A, B, C, R]) Name() string       { return reflectx.FunctionName(c.do) }
func (c *caller3x1[A, B, C, R]) Type() reflect.Type { return reflect.TypeOf(c.do) }
func (c *caller3x1[A, B, C, R]) Call(args []any) []any {
	return []any{c.Call3x1(args[0], args[1], args[2])}
}
func (c *caller3x1[A, B, C, R]) Call3x1(a0, a1, a2 any) any {
	return c.do(as[A](a0), as[B](a1), as[C](a2))
}

type caller4x1[A, B, C, D, R any] struct{ do func(A, B, C, D) R }

func (c *caller4x1[A, B, C, D, R]) Name() string       { return reflectx.FunctionName(c.do) }
func (c *caller4x1[A, B, C, D, R]) Type() reflect.Type { return reflect.TypeOf(c.do) }
func (c *caller4x1[A, B, C, D, R]) Call(args []any) []any {
	return []any{c.Call4x1(args[0], args[1], args[2], args[3])}
}
func (c *caller4x1[A, B, C, D, R]) Call4x1(a0, a1, a2, a3 any) any {
	return c.do(as[A](a0), as[B](a1), as[C](a2), as[D](a3))
}

type caller3x2[A, B, C, R, S any] struct{ do func(A, B, C) (R, S) }

func (c *caller3x2[A, B, C, R, S]) Name() string       { return reflectx.FunctionName(c.do) }
func (c *caller3x2[A, B, C, R, S]) Type() reflect.Type { return reflect.TypeOf(c.do) }
func (c *caller3x2[A, B, C, R, S]) Call(args []any) []any {
	r, s := c.Call3x2(args[0], args[1], args[2])
	return []any{r, s}
}
func (c *caller3x2[A, B, C, R, S]) Call3x2(a0, a1, a2 any) (any, any) {
	return c.do(as[A](a0), as[B](a1), as[C](a2))
}

// as returns an argument as its parameter's type; its zero value for nil.
func as[T any](arg any) (t T) {
	if arg == nil {
		return t
	}
	return arg.(T)
}
