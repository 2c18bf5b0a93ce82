package unbounded

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"adtoorder/io/progress"
)

// clients are the open clients of this process, one a reader. A runner may give
// a reader's next bundle to another instance of the DoFn.
var (
	clients     = map[clientKey]*client{}
	clientsLock sync.Mutex
)

// clientKey tells readers of this process apart.
type clientKey struct {
	uri         string
	startMillis int64
	index       int
}

// client is locked by the bundle that reads: where a runner has given up a bundle,
// that may still be under way when the next one begins.
type client struct {
	sync.Mutex
	Client
	name     string             // of the source, for messages
	listing  backoff            // of listing partitions
	failing  map[string]backoff // of partitions that can't be read, by name
	reported time.Time          // when progress was reported

	finalized atomic.Pointer[Restriction] // what the last bundle that was finalized had read
}

// commit tells an Acknowledger that the runner has made durable what was read.
func (c *client) commit(read *Restriction) {
	a, ok := c.Client.(Acknowledger)
	if !ok || read == nil {
		return
	}
	for _, p := range read.Partitions {
		a.Finalized(p.Name, p.Position)
	}
}

// logRetry tells of an error that is met again later.
func (c *client) logRetry(ctx context.Context, wait time.Duration, err error) {
	progress.Problem(ctx, fmt.Sprintf("reading %s, trying again in %v: %v", c.name, wait, err))
}

// connect returns the client of a source's reader, which is opened at first.
func connect(ctx context.Context, uri string, startMillis int64, index int) (*client, error) {
	clientsLock.Lock()
	defer clientsLock.Unlock()
	key := clientKey{uri, startMillis, index}
	if c := clients[key]; c != nil {
		return c, nil
	}
	source, err := Open(uri)
	if err != nil {
		return nil, err
	}
	opened, err := source.From(startMillis).Connect(ctx)
	if err != nil {
		return nil, err
	}
	clients[key] = &client{Client: opened, name: source.String(), failing: map[string]backoff{}}
	return clients[key], nil
}

// isOpen reports whether this process has a client of a source's reader.
func isOpen(uri string, startMillis int64, index int) bool {
	clientsLock.Lock()
	defer clientsLock.Unlock()
	return clients[clientKey{uri, startMillis, index}] != nil
}

// Ended says that the job has ended by itself, so that the runner holds all that
// it has finalized. It must not be said of one that has failed or was cancelled.
func Ended() {
	clientsLock.Lock()
	defer clientsLock.Unlock()
	for _, c := range clients {
		c.commit(c.finalized.Load())
	}
}

// Close closes this process's clients, each once its bundle has ended: a runner that
// has failed a job may still have some under way.
func Close() {
	clientsLock.Lock()
	defer clientsLock.Unlock()
	for key, c := range clients {
		c.Lock()
		c.Close()
		c.Unlock()
		delete(clients, key)
	}
}

// backoff spaces the tries of what fails.
type backoff struct {
	times int       // in a row
	until time.Time // it is not tried again before
}

// maxBackoff is short: a reader that waits does not drain.
const maxBackoff = 5 * time.Second

// next notes a failure, and returns how long to wait: whole seconds, as Flink's job
// server takes them.
func (b *backoff) next() time.Duration {
	wait := min(maxBackoff, time.Second<<min(b.times, 10))
	b.times++
	b.until = time.Now().Add(wait)
	return wait
}

var draining atomic.Bool

// Drain has all readers of this process stop where they are, as if their
// sources had ended. It can't be taken back in this process but by Undrain.
func Drain() { draining.Store(true) }

// Draining reports whether readers stop.
func Draining() bool { return draining.Load() }

// Undrain lets readers read again: a process may run one job after another.
func Undrain() { draining.Store(false) }
