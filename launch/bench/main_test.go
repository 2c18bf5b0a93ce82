package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExitStatus(t *testing.T) {
	var out, errs strings.Builder
	assert.Equal(t, 0, run(context.Background(), []string{"--help"}, &out, &errs))
	assert.Contains(t, out.String(), "go run ./launch/bench")
	assert.Empty(t, errs.String())
	assert.Equal(t, 2, run(context.Background(), []string{"--clicks=0"}, &out, &errs))
	assert.Equal(t, "bench: --clicks=0: must be 1 or more\n", errs.String())
	errs.Reset()
	assert.Equal(t, 2, run(context.Background(), []string{"--only=nothing", "--work", t.TempDir()}, &out, &errs))
	assert.Contains(t, errs.String(), "bench: --only=nothing: must be part of one of these titles: ")
}
