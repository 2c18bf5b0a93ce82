package pubsubio

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// maxLeased is how many messages may wait to be acknowledged. On Flink they wait
	// for two checkpoints. Each takes some 250 bytes of memory.
	maxLeased = 400_000
	// arrived is for how long a message is ours without an extension, at least: the
	// shortest deadline that a subscription can have.
	arrived = 10 * time.Second
	// extended is for how long an extension makes it ours.
	extended = 60 * time.Second
	// maxHeld is how long a message is extended. A bundle that is not finalized by
	// then was lost, and its messages have to come again.
	maxHeld = time.Hour

	// maxIDs and maxBytes bound what a request names: Google takes 512 KiB.
	maxIDs   = 1000
	maxBytes = 400 << 10
)

// leases are the messages that were pulled and are not acknowledged, in the
// order of their numbers.
type leases struct {
	wake chan struct{} // has an element when there is something to acknowledge

	sync.Mutex
	begun   bool
	last    int64 // number of the newest message that was pulled
	at      int64 // where the last read has ended
	batches []*lease
	acks    []string // what is to be acknowledged
}

// lease is a batch.
type lease struct {
	last  int64 // number of its last message
	ids   []string
	taken time.Time
	until time.Time // when they come again; of the keeper alone
}

func newLeases() *leases { return &leases{wake: make(chan struct{}, 1)} }

func numberOf(position string) (int64, error) {
	if position == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(position, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("position %q is no number of messages", position)
	}
	return n, nil
}

// rewind goes to a position. It returns the messages that were read behind it:
// the runner has given those up. Their numbers are not used again, so that what
// is heard of them later means no others.
func (l *leases) rewind(position string) (again []string, err error) {
	n, err := numberOf(position)
	if err != nil {
		return nil, err
	}
	l.Lock()
	defer l.Unlock()
	if !l.begun {
		l.begun, l.last = true, n
	}
	if n != l.at {
		l.batches = slices.DeleteFunc(l.batches, func(b *lease) bool {
			if b.last > n {
				again = append(again, b.ids...)
			}
			return b.last > n
		})
		l.at = n
	}
	return again, nil
}

// take notes a batch, and returns the position behind it.
func (l *leases) take(ids []string, now time.Time) (position string) {
	l.Lock()
	defer l.Unlock()
	l.last += int64(len(ids))
	l.at = l.last
	l.batches = append(l.batches, &lease{last: l.last, ids: ids, taken: now, until: now.Add(arrived)})
	return strconv.FormatInt(l.last, 10)
}

// held has messages acknowledged up to a position.
func (l *leases) held(position string) {
	n, _ := numberOf(position) // it is one of take's
	l.Lock()
	defer l.Unlock()
	l.batches = slices.DeleteFunc(l.batches, func(b *lease) bool {
		if b.last <= n {
			l.acks = append(l.acks, b.ids...)
		}
		return b.last <= n
	})
	if len(l.acks) > 0 {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// room is how many messages may be pulled.
func (l *leases) room() int {
	l.Lock()
	defer l.Unlock()
	room := maxLeased - len(l.acks)
	for _, b := range l.batches {
		room -= len(b.ids)
	}
	return max(0, room)
}

// pending takes over what is to be acknowledged.
func (l *leases) pending() []string {
	l.Lock()
	defer l.Unlock()
	ids := l.acks
	l.acks = nil
	return ids
}

// putBack has messages acknowledged later.
func (l *leases) putBack(ids []string) {
	l.Lock()
	defer l.Unlock()
	l.acks = append(ids, l.acks...)
}

// due returns the batches that come again soon, and how many messages were held
// for too long: those are forgotten.
func (l *leases) due(now time.Time) (batches []*lease, forgotten int) {
	l.Lock()
	defer l.Unlock()
	l.batches = slices.DeleteFunc(l.batches, func(b *lease) bool {
		lost := now.Sub(b.taken) >= maxHeld
		if lost {
			forgotten += len(b.ids)
		}
		return lost
	})
	for _, b := range l.batches {
		if b.until.Sub(now) <= arrived/2 {
			batches = append(batches, b)
		}
	}
	return batches, forgotten
}

// all returns the messages that are not to be acknowledged.
func (l *leases) all() (ids []string) {
	l.Lock()
	defer l.Unlock()
	for _, b := range l.batches {
		ids = append(ids, b.ids...)
	}
	l.batches = nil
	return ids
}

// requests divides ids among requests.
func requests(ids []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for len(ids) > 0 {
			n, size := 0, 0
			for n < len(ids) && n < maxIDs && (n == 0 || size+len(ids[n]) <= maxBytes) {
				size += len(ids[n])
				n++
			}
			if !yield(ids[:n:n]) {
				return
			}
			ids = ids[n:]
		}
	}
}
