package unbounded

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// clients are the open clients of this process, one a reader. A runner may give
// a reader's next bundle to another instance of the DoFn.
var (
	clients     = map[string]*client{}
	clientsLock sync.Mutex
)

// client is held by the bundle that reads: where a runner has given up a bundle,
// that may still be under way when the next one begins.
type client struct {
	sync.Mutex
	Client
	listing  trouble            // with listing partitions
	failing  map[string]trouble // partitions that can't be read, by name
	reported time.Time          // when progress was reported

	finalized atomic.Pointer[Restriction] // what the last bundle that was finalized had read
}

// hold has an Acknowledger know that the runner holds what was read.
func (c *client) hold(read *Restriction) {
	a, ok := c.Client.(Acknowledger)
	if !ok || read == nil {
		return
	}
	for _, p := range read.Parts {
		a.Held(p.Name, p.Position)
	}
}

// connect returns the client of a source's reader, which is opened at first.
func connect(ctx context.Context, s Source, index int) (*client, error) {
	clientsLock.Lock()
	defer clientsLock.Unlock()
	key := clientOf(s, index)
	if c := clients[key]; c != nil {
		return c, nil
	}
	opened, err := s.Connect(ctx)
	if err != nil {
		return nil, err
	}
	clients[key] = &client{Client: opened, failing: map[string]trouble{}}
	return clients[key], nil
}

// opened returns the client of a source's reader, nil where this process has none.
func opened(s Source, index int) *client {
	clientsLock.Lock()
	defer clientsLock.Unlock()
	return clients[clientOf(s, index)]
}

func clientOf(s Source, index int) string { return fmt.Sprintf("%d %#v", index, s) }

// Ended says that the job has ended by itself, so that the runner holds all that
// it has finalized. It must not be said of one that has failed or was cancelled.
func Ended() {
	clientsLock.Lock()
	defer clientsLock.Unlock()
	for _, c := range clients {
		c.hold(c.finalized.Load())
	}
}

// Close closes this process's clients. Nothing may be reading.
func Close() {
	clientsLock.Lock()
	defer clientsLock.Unlock()
	for key, c := range clients {
		c.Close()
		delete(clients, key)
	}
}

// trouble is what fails.
type trouble struct {
	times int       // in a row
	until time.Time // it is not tried again before
}

// again notes a failure, and returns how long to wait: whole seconds, as Flink's
// job server takes them, and not many: a reader that waits does not drain.
func (t *trouble) again() time.Duration {
	wait := min(5*time.Second, time.Second<<min(t.times, 10))
	t.times++
	t.until = time.Now().Add(wait)
	return wait
}

var draining atomic.Bool

// Drain has all readers of this process stop where they are, as if their
// sources had ended. It can't be taken back in this process but by Undrain.
func Drain() { draining.Store(true) }

// Undrain lets readers read again: a process may run one job after another.
func Undrain() { draining.Store(false) }
