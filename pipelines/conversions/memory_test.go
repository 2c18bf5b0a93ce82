package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMemoryLimit(t *testing.T) {
	const mb, gb = 1 << 20, 1 << 30
	for name, c := range map[string]struct {
		has  uint64
		want int64
	}{
		"not known":         {0, 400 * mb},
		"a small container": {256 * mb, 192 * mb},
		"a small machine":   {2 * gb, 400 * mb},
		"a large machine":   {96 * gb, 2 * gb},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, memoryLimit(c.has)) })
	}
}
