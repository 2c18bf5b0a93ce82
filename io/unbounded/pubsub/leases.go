package pubsub

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// maxLeased is how many messages may wait to be acknowledged. On Flink they wait
	// for two checkpoints. Each takes some 250 bytes of memory.
	maxLeased = 400_000
	// leaseTime is for how long a message is ours without an extension, at least: the
	// shortest deadline that a subscription can have.
	leaseTime = 10 * time.Second
	// leaseExtension is for how long an extension makes it ours.
	leaseExtension = 60 * time.Second
	// maxHeld is how long a message is extended. A bundle that is not finalized by
	// then was lost, and its messages have to come again.
	maxHeld = time.Hour
	// readerAbsence is after how long without a read a reader has moved to another worker.
	// What it has read since the last checkpoint has to come again, while its windows
	// are open; but a reader may also be held up by what it feeds.
	readerAbsence = 3 * time.Minute
)

// leases are the messages that were pulled and are not acknowledged, in the
// order of their numbers.
type leases struct {
	wake chan struct{} // has an element when there is something to acknowledge

	sync.Mutex
	begun   bool
	last    int64     // number of the newest message that was pulled
	at      int64     // where the last read has ended
	read    time.Time // the last read
	batches []*lease
	acks    []string // what is to be acknowledged
	failed  []string // what could not be acknowledged, and is to be tried again
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

// rewind goes to a position. It returns the messages that the runner has given
// up: those that were read behind it, and all where another client has read since.
// Their numbers are not used again, so that what is heard of them later means no
// others. It also reports whether this client goes on where it was.
func (l *leases) rewind(position string, now time.Time) (again []string, goesOn bool, err error) {
	n, err := numberOf(position)
	if err != nil {
		return nil, false, err
	}
	l.Lock()
	defer l.Unlock()
	goesOn = l.begun && n == l.at
	if !goesOn {
		elsewhere := n > l.at
		l.batches = slices.DeleteFunc(l.batches, func(b *lease) bool {
			gone := b.last > n || elsewhere
			if gone {
				again = append(again, b.ids...)
			}
			return gone
		})
	}
	l.begun, l.read, l.at, l.last = true, now, n, max(l.last, n)
	return again, goesOn, nil
}

// abandoned returns all messages, once, if the reader has moved to another worker.
func (l *leases) abandoned(now time.Time) []string {
	l.Lock()
	gone := !l.read.IsZero() && now.Sub(l.read) >= readerAbsence
	l.Unlock()
	if !gone {
		return nil
	}
	return l.all()
}

// take notes a batch, and returns the position behind it.
func (l *leases) take(ids []string, now time.Time) (position string) {
	l.Lock()
	defer l.Unlock()
	l.last += int64(len(ids))
	l.at = l.last
	l.batches = append(l.batches, &lease{last: l.last, ids: ids, taken: now, until: now.Add(leaseTime)})
	return strconv.FormatInt(l.last, 10)
}

// finalized has messages acknowledged up to a position.
func (l *leases) finalized(position string) {
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
	room := maxLeased - len(l.acks) - len(l.failed)
	for _, b := range l.batches {
		room -= len(b.ids)
	}
	return max(0, room)
}

// pending takes over what is to be acknowledged, with what has failed before if
// that is to be tried again.
func (l *leases) pending(again bool) []string {
	l.Lock()
	defer l.Unlock()
	ids := l.acks
	l.acks = nil
	if again {
		ids = append(ids, l.failed...)
		l.failed = nil
	}
	return ids
}

// putBack has messages acknowledged later.
func (l *leases) putBack(ids []string) {
	l.Lock()
	defer l.Unlock()
	l.failed = append(l.failed, ids...)
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
		if b.until.Sub(now) <= leaseTime/2 {
			batches = append(batches, b)
		}
	}
	return batches, forgotten
}

// extended notes that batches were extended until a time, but for messages that
// are to be tried again, and those that are ours no longer.
func (l *leases) extended(batches []*lease, until time.Time, again, refused []string) {
	later, gone := setOf(again), setOf(refused)
	l.Lock()
	defer l.Unlock()
	for _, b := range batches {
		if len(gone) > 0 {
			b.ids = slices.DeleteFunc(b.ids, func(id string) bool { return gone[id] })
		}
		if !slices.ContainsFunc(b.ids, func(id string) bool { return later[id] }) {
			b.until = until
		}
	}
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
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
