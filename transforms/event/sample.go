package event

import (
	"hash/fnv"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"
)

// Which records that are not about a promotion are kept as samples, to be looked at.
const (
	// sampledHead is up to where in a file all of them are: its first 4 KiB.
	sampledHead = 4 << 10
	// sampledFirst is of how many rows or messages, where positions count those.
	sampledFirst = 40
	// sampledShare is of how many records one is kept where positions don't count.
	sampledShare = 1024
	// maxSample is what is kept of a sample's payload, in bytes.
	maxSample = 4 << 10
)

// sampled reports whether a record that is not about a promotion is kept as a sample. It
// follows from the record's place alone, so that the same ones are kept on every runner and
// in every run, however the work is shared and whatever was read before.
func sampled(r *record.Record) bool {
	switch {
	case r.Counted:
		return r.Offset < sampledFirst
	case r.Sequence == "":
		return r.Offset < sampledHead
	}
	h := fnv.New32a()
	h.Write([]byte(r.Source))
	h.Write([]byte(r.Sequence))
	return h.Sum32()%sampledShare == 0
}

// IsSample reports whether a reject is a sample of records that are no rejects.
func (r Reject) IsSample() bool { return r.Outcome == ledger.NotPromotion }
