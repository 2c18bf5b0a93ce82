package conversion

import (
	"hash/fnv"
	"strconv"

	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
)

// key is what partial sums are added up by.
type key struct {
	window    int64 // its start, milliseconds since the Unix epoch
	promotion string
}

// sums are partial sums by window and promotion.
type sums[S any] map[key]*S

// of returns the sum of a promotion in a window, given by its start.
func (s sums[S]) of(window int64, promotion string) *S {
	k := key{window, promotion}
	sum := s[k]
	if sum == nil {
		sum = new(S)
		s[k] = sum
	}
	return sum
}

// An element is emitted when it has as many partial sums, or takes about as many bytes:
// of a large compressed file a bundle may have millions of ids.
const (
	maxPartials = 10_000
	maxBytes    = 2 << 20
)

// batches gathers partial sums into elements: those of a group and key together.
type batches map[batchOf]*batch

type batchOf struct {
	stamp int64 // when the group's elements are emitted
	key   string
}

type batch struct {
	sums  []Partial
	bytes int // that they take, about
}

// add adds a partial sum, and emits what is a whole element.
func (b batches) add(windows window.Policy, p Partial, emit emitPartials) {
	of := batchOf{windows.StampOf(p.Window), keyOf(windows, p.Promotion)}
	if b[of] == nil {
		b[of] = &batch{}
	}
	in := b[of]
	in.sums, in.bytes = append(in.sums, p), in.bytes+p.size()
	if len(in.sums) == maxPartials || in.bytes >= maxBytes {
		of.emit(windows, in.sums, emit)
		delete(b, of)
	}
}

// flush emits what is left.
func (b batches) flush(windows window.Policy, emit emitPartials) {
	for of, left := range b {
		of.emit(windows, left.sums, emit)
	}
}

func (of batchOf) emit(windows window.Policy, sums []Partial, emit emitPartials) {
	emit(mtime.FromMilliseconds(of.stamp), of.groupKey(windows), Partials{sums})
}

// groupKey is what partial sums are grouped by. Of finished input it tells the group,
// too: a batch on Flink (Beam 2.62) groups by the key alone, and holds in memory what a
// key has of all windows.
func (of batchOf) groupKey(windows window.Policy) string {
	if windows.Keys == 0 {
		return of.key
	}
	return strconv.FormatInt(of.stamp, 10) + "/" + of.key
}

// keyOf is the key of a promotion's partial sums, within their group.
func keyOf(windows window.Policy, promotion string) string {
	switch windows.Keys {
	case 0:
		return promotion
	case 1:
		return "0"
	}
	h := fnv.New32a()
	h.Write([]byte(promotion))
	return strconv.Itoa(int(h.Sum32() % uint32(windows.Keys)))
}
