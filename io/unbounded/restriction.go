package unbounded

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"time"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

func init() { beam.RegisterCoder(reflect.TypeFor[Restriction](), encodeRestriction, decodeRestriction) }

// Restriction is the work of one reader: the partitions whose turn it is, and
// how far they were read. It is one of several that share a source; Index and
// Of tell which partitions it takes. So new partitions need no reader of their
// own, and all watermarks of a reader are known in one place: Prism takes the
// watermark of whichever reader reported last for that of all.
type Restriction struct {
	Index, Of int // Of is 0 where nothing is left to read
	Parts     []Part
	Done      []string       // partitions that were read to their end, while they are listed
	Waiting   []string       // partitions that were there at first, and wait for their parents
	Owners    map[string]int // indices of the restrictions that read the listed partitions
	Listed    int64          // when the partitions were last listed, ms since the Unix epoch; 0 at first
}

// A restriction's coder is opaque to runners: Flink can't read a list of structs
// as Beam Go's own coder writes it (2.77).

func encodeRestriction(r Restriction) ([]byte, error) { return json.Marshal(r) }

func decodeRestriction(text []byte) (r Restriction, err error) {
	if err = json.Unmarshal(text, &r); err != nil {
		err = fmt.Errorf("decoding how far a source was read: %w", err)
	}
	return r, err
}

// Part is a partition and how far it was read.
type Part struct {
	Name      string
	Position  string
	Watermark int64 // milliseconds since the Unix epoch; 0 at first, when nothing is late
	Closed    bool  // read to its end; its children are still to come
}

// looking is how long a record may wait for a reader that has had nothing to read.
const looking = 2 * (bundle + idle)

// follow gives a batch's records the watermark, and the partition what they say
// of it.
//
// A source without an order gives old records after new ones, above all from a
// backlog. It is catching up while the reader has just begun, and while records
// of late were older than the out-of-orderness, and than an idle reader takes to
// look, when they were read. Then records
// as old as the oldest of late are to be expected, of any age at the beginning,
// and silence proves nothing: messages may be leased to a reader that is no more.
// Once it has caught up, all records come within the out-of-orderness, and none is
// to be expected that is older than the newest less that.
func (p *Part) follow(b Batch, now, outOfOrderness int64) {
	if r := b.Recent; r != nil && r.Delay > time.Duration(outOfOrderness)*time.Millisecond+looking {
		p.advance(min(r.Oldest, now), outOfOrderness)
		for i := range b.Records {
			b.Records[i].Watermark = p.Watermark
		}
		return
	}
	p.stamp(b.Records, now, outOfOrderness)
	if !b.End.IsZero() {
		p.advance(b.End.UnixMilli(), outOfOrderness)
	}
}

// stamp gives records the partition's watermark, each as of its own broker time.
func (p *Part) stamp(records []record.Record, now, outOfOrderness int64) {
	for i := range records {
		p.advance(min(records[i].Time, now), outOfOrderness)
		records[i].Watermark = p.Watermark
	}
}

// advance says that nothing older than a broker time less the out-of-orderness
// is expected.
func (p *Part) advance(broker, outOfOrderness int64) {
	p.Watermark = max(p.Watermark, broker-outOfOrderness)
}

// watermark returns the least of the partitions'. A partition may have appeared
// since they were listed, so it is not later than that less the out-of-orderness.
func (r *Restriction) watermark(outOfOrderness int64) int64 {
	least := max(0, r.Listed-outOfOrderness)
	for _, p := range r.Parts {
		least = min(least, p.Watermark)
	}
	return least
}

// adopt returns the listed partitions whose turn has come and those that wait
// for their parents, and forgets what is listed no longer. Before it, all that
// are done must be marked.
func (r *Restriction) adopt(listed []Partition) (turn, waiting []string) {
	known := map[string]Partition{}
	for _, p := range listed {
		known[p.Name] = p
	}
	owners := map[string]int{}
	for _, p := range listed {
		owners[p.Name] = r.owner(known, p)
	}
	r.Owners = owners
	for _, p := range listed {
		if owners[p.Name] != r.Index || slices.Contains(r.Done, p.Name) || r.reads(p.Name) {
			continue
		}
		waits := slices.ContainsFunc(p.Parents, func(parent string) bool {
			owner, ok := owners[parent]
			return ok && owner == r.Index && !slices.Contains(r.Done, parent)
		})
		if waits {
			waiting = append(waiting, p.Name)
		} else {
			turn = append(turn, p.Name)
		}
	}
	r.Done = slices.DeleteFunc(r.Done, func(name string) bool { _, ok := known[name]; return !ok })
	return turn, waiting
}

// owner returns the index of the restriction that reads a partition: that of its
// first parent, so that a line of partitions stays with one reader. It stays when
// parents are listed no longer.
func (r *Restriction) owner(known map[string]Partition, p Partition) int {
	if owner, ok := r.Owners[p.Name]; ok {
		return owner
	}
	if len(p.Parents) > 0 {
		if parent, ok := known[p.Parents[0]]; ok {
			return r.owner(known, parent)
		}
	}
	h := fnv.New32a()
	h.Write([]byte(p.Name))
	return int(h.Sum32() % uint32(r.Of))
}

func (r *Restriction) reads(name string) bool {
	return slices.ContainsFunc(r.Parts, func(p Part) bool { return p.Name == name && !p.Closed })
}

// clone copies what is changed in place.
func (r Restriction) clone() Restriction {
	r.Parts, r.Done, r.Waiting = slices.Clone(r.Parts), slices.Clone(r.Done), slices.Clone(r.Waiting)
	return r
}

// tracker is a restriction that is being read. A claim is the restriction as it
// is behind what was read.
type tracker struct {
	rest Restriction
	done bool
}

// end is the claim that there is nothing more to read.
type end struct{}

// TryClaim implements sdf.RTracker.
func (t *tracker) TryClaim(claim any) bool {
	if t.done {
		return false
	}
	switch c := claim.(type) {
	case Restriction:
		t.rest = c.clone()
		return true
	case end:
		t.done = true
	}
	return false
}

// GetError implements sdf.RTracker.
func (t *tracker) GetError() error { return nil }

// TrySplit implements sdf.RTracker: a reader stops where it is, for a
// checkpoint, and is never divided.
func (t *tracker) TrySplit(fraction float64) (primary, residual any, err error) {
	if fraction > 0 || t.done {
		return t.rest, nil, nil
	}
	t.done = true
	return Restriction{}, t.rest, nil
}

// GetProgress implements sdf.RTracker. How much is left is not known.
func (t *tracker) GetProgress() (done, remaining float64) { return 0, 1 }

// IsDone implements sdf.RTracker.
func (t *tracker) IsDone() bool { return t.done }

// GetRestriction implements sdf.RTracker.
func (t *tracker) GetRestriction() any { return t.rest.clone() }

// IsBounded implements sdf.BoundableRTracker.
func (t *tracker) IsBounded() bool { return t.done }
