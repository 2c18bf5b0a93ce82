// Package unbounded reads sources without end. A connector (kafka, kinesis,
// pubsub, folder) says how to list and read partitions; this package makes one native
// splittable DoFn of it, with watermarks, idleness, checkpoints and draining.
//
// The watermark of a partition is the newest broker time less the
// out-of-orderness, or the oldest of late where a source without an order is
// catching up. Where the source has confirmed that nothing is left, it follows
// the clock. It never runs ahead of the clock, and stands still while the source
// can't be reached.
package unbounded

import (
	"context"
	"math"
	"time"

	"adtoorder/io/record"
)

// Source says what to read, from where. It travels with the graph, so its
// exported fields are all that it has; secrets stay in the environment.
type Source interface {
	// Connect opens a client. It may leave connecting to the first call.
	Connect(ctx context.Context) (Client, error)
	// String names the source in messages, without secrets.
	String() string
}

// Client reads a source's partitions. It is used by one goroutine at a time. Its
// errors are tried again later, except for those that Connect returns.
type Client interface {
	// Partitions returns the partitions that there are now.
	Partitions(ctx context.Context) ([]Partition, error)
	// Start returns where to begin with a partition that is there when the job
	// starts. One that comes later is read from its beginning, position "".
	Start(ctx context.Context, partition string) (position string, err error)
	// Read returns what stands at a position by now, without waiting for more.
	Read(ctx context.Context, partition, position string) (Batch, error)
	Close()
}

// Acknowledger is a Client whose source gives again what is not acknowledged,
// and can't go back behind what is.
type Acknowledger interface {
	Client
	// Held says that the runner holds what was read up to a position, so that a
	// crash loses none of it. It may be called while the client reads, and must not
	// wait for anything.
	Held(partition, position string)
}

// Partition is a part of a source that has an order of its own.
type Partition struct {
	Name string
	// Parents are partitions that this one continues: it is read once those are
	// read to their ends.
	Parents []string
}

// Batch is what was read of a partition.
type Batch struct {
	// Records have a Time and no Watermark yet.
	Records []record.Record
	// Next is the position behind them.
	Next string
	// End is when the source confirmed that nothing stood behind Next; zero where
	// it did not. Records that come later have a broker time that is not before.
	End time.Time
	// Recent is of a source that gives records in no order; nil where that of a
	// partition is the order of broker times, but for the out-of-orderness.
	Recent *Recent
	// More says that more stands behind Next by now, so that reading on is worth it.
	More bool
	// Due is when the source is looked at next, where that is known: until then
	// there is nothing to be read behind Next.
	Due time.Time
	// Closed says that nothing will ever stand behind Next.
	Closed bool
}

// Recent is what a source without an order has given of late: for as long as it
// may take to give again what another reader had, or what it has skipped.
type Recent struct {
	Oldest int64         // least broker time, in milliseconds since the Unix epoch; 0 where it says nothing
	Delay  time.Duration // longest time from a broker time to reading; Beginning where the reader has just begun
}

// Beginning is the Delay of a reader that has not read for so long yet.
const Beginning time.Duration = math.MaxInt64

// Progress is how far a partition was read.
type Progress struct {
	Partition string
	Position  string
	Watermark int64 // milliseconds since the Unix epoch
}
