package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func shell(script string) child {
	return child{what: "running it", name: "sh", args: []string{"-c", script}, limit: time.Minute}
}

func TestChild(t *testing.T) {
	c := shell(`read line; echo "$line $WORD"; echo unseen >&2`)
	c.stdin, c.env = "hello\n", []string{"WORD=world"}
	out, u, err := c.run(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "hello world\n", string(out))
	assert.Positive(t, u.seconds)
	assert.Greater(t, u.peak, int64(100_000), "bytes")
	assert.Less(t, u.cpu, 10.0)
}

func TestFailedChildSaysWhy(t *testing.T) {
	_, _, err := shell(`echo why >&2; exit 3`).run(context.Background())
	assert.EqualError(t, err, "running it: exit status 3: why")
}

func TestChildIsEndedAtItsLimit(t *testing.T) {
	c := shell(`exec sleep 60`)
	c.limit = 50 * time.Millisecond
	start := time.Now()
	_, _, err := c.run(context.Background())
	assert.EqualError(t, err, "running it: took longer than --limit=50ms")
	assert.Less(t, time.Since(start), 30*time.Second)
}

func TestChildEndsWithTheBench(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, _, err := shell(`exec sleep 60`).run(ctx)
	assert.EqualError(t, err, "running it: context canceled")
}

func TestTail(t *testing.T) {
	assert.Empty(t, tail([]byte(" \n")))
	assert.Equal(t, ": why", tail([]byte("why\n")))
	assert.Len(t, tail([]byte(strings.Repeat("x", 5000))), maxErrorText+2)
}
