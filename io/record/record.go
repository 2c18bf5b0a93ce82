// Package record defines the raw record that every source emits, in batches:
// PCollection<[]Record>, with PCollection<Count> beside it for the ledger. io/files and
// io/unbounded emit them, transforms/event and transforms/ledger take them. It is all
// that the transforms know of a source, and it knows nothing of what a payload means.
package record

import (
	"reflect"
	"strconv"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Record]())
	beam.RegisterType(reflect.TypeFor[Count]())
}

const (
	// MaxSize is the longest record that is read whole, in bytes. A longer one
	// is still emitted, with Size telling its true length and Payload cut.
	MaxSize = 1 << 20
	// MaxKept is what is kept of a longer record's payload, in bytes.
	MaxKept = 64 << 10
)

// Record is one message as it was read. Sources emit them in batches, since a
// runner takes as long to hand over an element as it takes to parse a record.
type Record struct {
	// Payload is the message, without its line end. It must not be changed.
	Payload []byte
	// Size is the length of the message in bytes: len(Payload), or more where
	// the payload was cut.
	Size int64
	// Damage tells why the source could not read the message ("" where it
	// could); the payload is then what was read of it.
	Damage string
	// Source names where the record comes from: a file, or a topic.
	Source string
	// Time is the broker's, in milliseconds since the Unix epoch: when the record
	// came to the source; 0 in finished files, above 0 in live sources.
	Time int64
	// Watermark is the source's own watermark when the record was read, in
	// milliseconds since the Unix epoch; 0 in finished files, where nothing is late.
	Watermark int64
	// Offset is the position in the source: of its first byte in a file. Where
	// Sequence is set, it only tells near records from far ones.
	Offset int64
	// Sequence is the position in a source that does not count, otherwise "".
	Sequence string
	// Counted says that Offset counts records: messages of a partition, or rows.
	Counted bool
	// Repeats says that the source may give the record again in one run. Then its
	// source and position tell it from others, where its payload has no id.
	Repeats bool
}

// Position returns the record's position in its source as text.
func (r Record) Position() string {
	if r.Sequence != "" {
		return r.Sequence
	}
	return strconv.FormatInt(r.Offset, 10)
}

// Unbounded reports whether the record comes from an unbounded source.
func (r Record) Unbounded() bool { return r.Time > 0 }

// AccountedAt returns the time at which a record of an unbounded source stands on the
// ledger where it is not counted: the later of broker time and watermark, in
// milliseconds since the Unix epoch. In its own window, which may have expired, a
// runner would drop it.
func (r Record) AccountedAt() int64 { return max(r.Time, r.Watermark) }

// Count says how many records a source emitted at a time. Time is in
// milliseconds since the Unix epoch: of live records their AccountedAt, rounded down
// to a second; 0 for finished files, since the event time of a record is not
// known where it is read.
type Count struct {
	Time    int64
	Records int64
}
