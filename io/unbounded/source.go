// Package unbounded reads sources without end:
//
//	Source -> PCollection<[]record.Record>, PCollection<record.Count>, PCollection<Progress>
//
// A connector (kafka, kinesis, pubsub, folder) says how to list and read partitions;
// this package makes one native splittable DoFn of it, with watermarks, idleness,
// checkpoints and draining. Connectors register the schemes of their URIs, by which
// pipelines/engine and its workers open them.
//
// The watermark of a partition is the newest broker time less the out-of-orderness.
// Where the source has confirmed that nothing is left, it follows the clock. It never
// runs ahead of the clock, and stands still while the source can't be reached. A
// source without an order, such as a subscription, may give old records after new
// ones: while it catches up, the watermark is the broker time of the oldest record of
// its last minute (see Backlog).
package unbounded

import (
	"context"
	"math"
	"time"

	"adtoorder/io/record"
)

// Source says what to read, from where. It travels as its URI, and is opened from
// that on the worker; secrets stay in the environment.
type Source interface {
	// URI returns the whole URI, which Open takes.
	URI() string
	// String names the source in messages and in the table progress, without secrets.
	String() string
	// From returns the source as it begins at a broker time, in milliseconds since the
	// Unix epoch; at 0 it begins with the oldest record.
	From(startMillis int64) Source
	// Partitioned reports whether several readers can share the source. One of a
	// single partition has one reader: others would only resume.
	Partitioned() bool
	// Check reports in one line why the source can't be read, if it can't.
	Check(ctx context.Context) error
	// Needs returns what a worker on another machine has to have to read it.
	Needs() Needs
	// Connect opens a client. It may leave connecting to the first call.
	Connect(ctx context.Context) (Client, error)
}

// Needs are what keeps a source from being read elsewhere.
type Needs struct {
	Local       string // why only this machine can read it; "" where others can, too
	Environment string // what the environment of the worker must have; "" for nothing
}

// AWSCredentials are the Needs of services of AWS.
const AWSCredentials = "AWS credentials"

// Subscription is a Source that gives again what is not acknowledged, and begins with
// that. Its clients are Acknowledgers.
type Subscription interface {
	Source
	// Seek has it give again what was published since a broker time, in milliseconds
	// since the Unix epoch, though it was acknowledged. Where it can't, nothing changes,
	// and the error says what to do, in a line.
	Seek(ctx context.Context, since int64) error
	// SeekCommand returns the command by which a user does that, for a time as text.
	SeekCommand(since string) string
	// RetainCommand returns the command that has it keep what is acknowledged.
	RetainCommand() string
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
	// Finalized says that the runner has made durable what was read up to a position,
	// so that a crash loses none of it. It may be called while the client reads, and
	// must not wait for anything.
	Finalized(partition, position string)
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
	// Backlog is set by a source that gives records in no order; nil where the order of
	// a partition is that of broker times, but for the out-of-orderness.
	Backlog *Backlog
	// More says that more stands behind Next by now, so that reading on is worth it.
	More bool
	// Due is when the source is looked at next, where that is known: until then
	// there is nothing to be read behind Next.
	Due time.Time
	// Closed says that nothing will ever stand behind Next.
	Closed bool
}

// Backlog tells how far behind a source without an order is: what it has given within
// the time that it may take to give again what another reader had, or what it skipped.
type Backlog struct {
	Oldest int64         // least broker time, in milliseconds since the Unix epoch; 0 where nothing was given
	Delay  time.Duration // longest time from a broker time to reading; UnknownDelay where reading has just begun
}

// UnknownDelay is the Delay of a reader that has not read for that long yet.
const UnknownDelay time.Duration = math.MaxInt64

// Progress is how far a partition was read.
type Progress struct {
	Partition string
	Position  string
	Watermark int64 // milliseconds since the Unix epoch
}
