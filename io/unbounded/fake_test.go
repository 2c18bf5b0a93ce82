package unbounded

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"adtoorder/io/record"
)

func init() {
	Register("fake:", "fake:", func(uri string) (Source, error) {
		return fakeSource{strings.TrimPrefix(uri, "fake:")}, nil
	})
	Register("subscription:", "subscription:", func(uri string) (Source, error) {
		return fakeSubscription{fakeSource{strings.TrimPrefix(uri, "subscription:")}}, nil
	})
}

// fakes are the sources of the tests, by name.
var fakes sync.Map

// fakeSource names a fake.
type fakeSource struct{ Name string }

// Connect implements Source.
func (s fakeSource) Connect(context.Context) (Client, error) {
	f, ok := fakes.Load(s.Name)
	if !ok {
		return nil, errors.New("no such fake")
	}
	f.(*fake).connected++
	return f.(*fake), nil
}

// String implements Source.
func (s fakeSource) String() string { return "fake:" + s.Name }

// URI implements Source.
func (s fakeSource) URI() string { return s.String() }

// From implements Source.
func (s fakeSource) From(int64) Source { return s }

// Partitioned implements Source.
func (s fakeSource) Partitioned() bool { return true }

// Check implements Source.
func (s fakeSource) Check(context.Context) error { return nil }

// Needs implements Source.
func (s fakeSource) Needs() Needs { return Needs{} }

// fakeSubscription names a fake that is acknowledged.
type fakeSubscription struct{ fakeSource }

// URI implements Source.
func (s fakeSubscription) URI() string { return "subscription:" + s.Name }

// Partitioned implements Source.
func (s fakeSubscription) Partitioned() bool { return false }

// Seek implements Subscription.
func (s fakeSubscription) Seek(context.Context, int64) error { return nil }

// SeekCommand implements Subscription.
func (s fakeSubscription) SeekCommand(string) string { return "seek" }

// RetainCommand implements Subscription.
func (s fakeSubscription) RetainCommand() string { return "retain" }

// fake is a source that a test fills. A position is the index of a record.
type fake struct {
	parts   map[string]*fakePart
	listed  []Partition
	batch   int               // how many records are read at a time
	starts  map[string]string // positions of Start, "" for those that are not set
	failing string            // "list", "start a", "read a": what fails
	onRead  func(partition string)

	connected, closed int
	calls             []string // but for listings

	lock sync.Mutex
	held map[string][]string // positions by partition
}

// fakePart is a partition. A test appends to times and sets the rest.
type fakePart struct {
	times  []int64   // broker times of all records, ms since the Unix epoch
	end    time.Time // when the source confirmed that there are no more; zero where it does not
	due    time.Time // when it is looked at next
	closed bool      // no more will come
}

// newFake returns a fake of some partitions, as listing reads them.
func newFake(partitions ...string) *fake {
	f := &fake{parts: map[string]*fakePart{}, batch: 100, starts: map[string]string{}}
	f.list(partitions...)
	return f
}

// list has the fake list some partitions, those of before and new ones.
func (f *fake) list(partitions ...string) {
	f.listed = listing(partitions...)
	for _, p := range f.listed {
		if f.parts[p.Name] == nil {
			f.parts[p.Name] = &fakePart{}
		}
	}
}

func (f *fake) fail(call string) error {
	if f.failing == call {
		return errors.New("it does not " + call)
	}
	return nil
}

// Partitions implements Client.
func (f *fake) Partitions(context.Context) ([]Partition, error) { return f.listed, f.fail("list") }

// Start implements Client.
func (f *fake) Start(_ context.Context, partition string) (string, error) {
	f.calls = append(f.calls, "start "+partition)
	return f.starts[partition], f.fail("start " + partition)
}

// Read implements Client.
func (f *fake) Read(_ context.Context, partition, position string) (Batch, error) {
	f.calls = append(f.calls, "read "+partition+"@"+position)
	if f.onRead != nil {
		f.onRead(partition)
	}
	if err := f.fail("read " + partition); err != nil {
		return Batch{}, err
	}
	part, from := f.parts[partition], 0
	if position != "" {
		var err error
		if from, err = strconv.Atoi(position); err != nil {
			return Batch{}, err
		}
	}
	next := min(from+f.batch, len(part.times))
	b := Batch{Next: position, More: next < len(part.times)}
	for i := from; i < next; i++ {
		b.Records = append(b.Records, record.Record{Payload: fmt.Append(nil, partition, i), Time: part.times[i],
			Offset: int64(i)})
		b.Next = strconv.Itoa(i + 1)
	}
	if !b.More {
		b.Closed = part.closed
	}
	if from == len(part.times) {
		b.End, b.Due = part.end, part.due
	}
	return b, nil
}

// Finalized implements Acknowledger.
func (f *fake) Finalized(partition, position string) {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.held == nil {
		f.held = map[string][]string{}
	}
	f.held[partition] = append(f.held[partition], position)
}

// lastHeld returns the last position that is held of a partition, and how many
// were.
func (f *fake) lastHeld(partition string) (position string, times int) {
	f.lock.Lock()
	defer f.lock.Unlock()
	if times = len(f.held[partition]); times > 0 {
		position = f.held[partition][times-1]
	}
	return position, times
}

// Close implements Client.
func (f *fake) Close() { f.closed++ }
