// Package dofn registers structural DoFns, so that a binary stays small.
//
// Beam's register.DoFnNxM (2.77) instantiates some thousand wrappers of
// StartBundle and FinishBundle a call: 6 MB of program, and seconds of compiling.
// Only a ProcessElement that is called for every row or key needs a call without
// reflection (8 ns against 343); for all others the type's name is enough.
// Emitters and iterators are registered with package register, as ever.
package dofn

import (
	"reflect"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/reflectx"
)

// batchwise holds the types that Batchwise was told of.
var batchwise sync.Map // of reflect.Type, of the struct

// Batchwise registers a DoFn whose ProcessElement is called once a batch, a file
// or a bundle, so that it may be called by reflection. Its argument is a pointer.
func Batchwise(doFn any) {
	t := reflect.TypeOf(doFn).Elem()
	beam.RegisterType(t)
	batchwise.Store(t, true)
}

// IsBatchwise reports whether a DoFn, given as a pointer, was registered by
// Batchwise. Tests of a graph want a direct call in every other DoFn.
func IsBatchwise(doFn any) bool {
	t := reflect.TypeOf(doFn)
	if t.Kind() != reflect.Pointer {
		return false
	}
	_, ok := batchwise.Load(t.Elem())
	return ok
}

// Each3x1 registers a DoFn by its method ProcessElement, of three parameters and
// one result, which is then called without reflection:
//
//	dofn.Each3x1((*joinFn).ProcessElement)
func Each3x1[F, A, B, C, R any](process func(*F, A, B, C) R) {
	each[F](func(fn *F) reflectx.Func {
		return &caller3x1[A, B, C, R]{func(a A, b B, c C) R { return process(fn, a, b, c) }}
	})
}

// Each4x1 is Each3x1 for four parameters.
func Each4x1[F, A, B, C, D, R any](process func(*F, A, B, C, D) R) {
	each[F](func(fn *F) reflectx.Func {
		return &caller4x1[A, B, C, D, R]{func(a A, b B, c C, d D) R { return process(fn, a, b, c, d) }}
	})
}

// Each3x2 is Each3x1 for two results.
func Each3x2[F, A, B, C, R, S any](process func(*F, A, B, C) (R, S)) {
	each[F](func(fn *F) reflectx.Func {
		return &caller3x2[A, B, C, R, S]{func(a A, b B, c C) (R, S) { return process(fn, a, b, c) }}
	})
}

// each registers a DoFn, and what calls its ProcessElement. Its other methods,
// which are called once a bundle, are found by reflection.
func each[F any](caller func(*F) reflectx.Func) {
	t := reflect.TypeFor[F]()
	beam.RegisterType(t)
	reflectx.RegisterStructWrapper(t, func(fn any) map[string]reflectx.Func {
		return map[string]reflectx.Func{"ProcessElement": caller(fn.(*F))}
	})
}
