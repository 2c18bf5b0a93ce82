//go:build integration

package kinesis

import (
	"slices"
	"testing"
	"time"

	"adtoorder/io/unbounded"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loop reads a stream as package live does: a shard is read once those are read
// whose children it is.
type loop struct {
	t         *testing.T
	client    unbounded.Client
	positions map[string]string // of the shards that are being read
	done      []string
	counts    map[string]int       // of payloads
	ends      map[string]time.Time // of shards, as they were confirmed
}

func newLoop(t *testing.T, s unbounded.Source) *loop {
	t.Helper()
	c, err := s.Connect(t.Context())
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return &loop{t: t, client: c, positions: map[string]string{}, counts: map[string]int{},
		ends: map[string]time.Time{}}
}

// adopt takes on the shards whose turn has come.
func (l *loop) adopt() {
	first := len(l.positions)+len(l.done) == 0
	listed, err := l.client.Partitions(l.t.Context())
	require.NoError(l.t, err)
	waits := func(parent string) bool {
		there := slices.ContainsFunc(listed, func(p unbounded.Partition) bool { return p.Name == parent })
		return there && !slices.Contains(l.done, parent)
	}
	for _, p := range listed {
		_, reads := l.positions[p.Name]
		if reads || slices.Contains(l.done, p.Name) || slices.ContainsFunc(p.Parents, waits) {
			continue
		}
		l.positions[p.Name] = ""
		if first {
			l.positions[p.Name], err = l.client.Start(l.t.Context(), p.Name)
			require.NoError(l.t, err)
		}
	}
}

// round reads each shard once.
func (l *loop) round() {
	l.adopt()
	for name, position := range l.positions {
		b, err := l.client.Read(l.t.Context(), name, position)
		require.NoError(l.t, err)
		for _, r := range b.Records {
			l.counts[string(r.Payload)]++
			arrived := time.UnixMilli(r.Time)
			assert.False(l.t, arrived.Before(l.ends[name].Truncate(time.Millisecond)), "%s came after the shard's end",
				r.Payload)
		}
		if !b.End.IsZero() {
			l.ends[name] = b.End
		}
		l.positions[name] = b.Next
		if b.Closed {
			delete(l.positions, name)
			l.done = append(l.done, name)
		}
	}
}

// until reads until the source has confirmed that nothing is left as of a time.
func (l *loop) until(at time.Time) {
	require.Eventually(l.t, func() bool {
		l.round()
		l.adopt() // what follows shards that ended is still to be read
		for name := range l.positions {
			if l.ends[name].Before(at) {
				return false
			}
		}
		return true
	}, 20*time.Second, 20*time.Millisecond)
}

// checkOnce checks that all messages were read, each once.
func (l *loop) checkOnce(n int) {
	l.t.Helper()
	require.Len(l.t, l.counts, n)
	for payload, count := range l.counts {
		require.Equal(l.t, 1, count, "message %s", payload)
	}
}
