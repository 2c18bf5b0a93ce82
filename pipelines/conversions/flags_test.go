package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAListReplacesItsDefaultAndGrows(t *testing.T) {
	values := []string{"default"}
	l := list{values: &values}
	assert.Equal(t, "default", l.String())
	require.NoError(t, l.Set("a"))
	require.NoError(t, l.Set("b"))
	assert.Equal(t, []string{"a", "b"}, values)
	assert.Empty(t, new(list).String(), "the flag package asks a zero value")
}
