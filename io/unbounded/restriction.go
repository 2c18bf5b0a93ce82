package unbounded

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

func init() { beam.RegisterCoder(reflect.TypeFor[Restriction](), encodeRestriction, decodeRestriction) }

// Restriction is the work of one reader: the partitions whose turn it is, and
// how far they were read. It is one of several that share a source; Index and
// Readers tell which partitions it takes. So new partitions need no reader of their
// own, and all watermarks of a reader are known in one place: Prism takes the
// watermark of whichever reader reported last for that of all.
type Restriction struct {
	Index, Readers int // Readers is 0 where nothing is left to read
	Partitions     []PartitionState
	Done           []string       // partitions that were read to their end, while they are listed
	Waiting        []string       // partitions that were there at first, and wait for their parents
	Owners         map[string]int // indices of the restrictions that read the listed partitions
	Listed         int64          // when the partitions were last listed, ms since the Unix epoch; 0 at first
}

// A restriction's coder is opaque to runners: Flink can't read a list of structs
// as Beam Go's own coder writes it (2.77).

func encodeRestriction(r Restriction) ([]byte, error) { return json.Marshal(r) }

func decodeRestriction(text []byte) (r Restriction, err error) {
	state := json.NewDecoder(bytes.NewReader(text))
	state.DisallowUnknownFields() // the state of another version would read as nothing that is left
	if err = state.Decode(&r); err != nil {
		err = fmt.Errorf("decoding how far a source was read: %w", err)
	}
	return r, err
}

// PartitionState is a partition and how far it was read.
type PartitionState struct {
	Name      string
	Position  string
	Watermark int64 // milliseconds since the Unix epoch; 0 at first, when nothing is late
	Closed    bool  // read to its end; its children are still to come
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
	return int(h.Sum32() % uint32(r.Readers))
}

func (r *Restriction) reads(name string) bool {
	return slices.ContainsFunc(r.Partitions, func(p PartitionState) bool { return p.Name == name && !p.Closed })
}

// clone copies what is changed in place.
func (r Restriction) clone() Restriction {
	r.Partitions, r.Done, r.Waiting = slices.Clone(r.Partitions), slices.Clone(r.Done), slices.Clone(r.Waiting)
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
