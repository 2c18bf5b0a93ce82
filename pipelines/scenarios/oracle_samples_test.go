package scenarios

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"adtoorder/io/table"
	"adtoorder/pipelines/engine"
)

// leaveOut books a record of no promotion, which may become a sample. Which ones of a live
// source do, depends on when they come.
func (o *oracle) leaveOut(at int64) {
	l := o.line
	o.book(o.bookedAt(at), l.stream, "not_promotion", "", "")
	if l.broker > 0 {
		return
	}
	kept := l.text[:min(len(l.text), 4<<10)]
	span := max(time.Hour.Milliseconds(), o.window)
	start := at / o.window * o.window
	hour := fmt.Sprint(l.stream, " ", start/span*span)
	o.others[hour] = append(o.others[hour], engine.RejectRow{Stream: l.stream, Source: l.path,
		Position: strconv.FormatInt(l.offset, 10), Time: table.Time(at), Outcome: "not_promotion", Payload: kept,
		Cut: len(kept) < len(l.text)})
}

// samples returns ten records of no promotion of each stream and hour, those of the least
// ranks.
func (o *oracle) samples() (all []engine.RejectRow) {
	for _, others := range o.others {
		slices.SortFunc(others, func(a, b engine.RejectRow) int { return cmp.Compare(rank(a), rank(b)) })
		all = append(all, others[:min(10, len(others))]...)
	}
	return all
}

// rank is FNV-1a of the source, and the offset, mixed by SplitMix64.
func rank(r engine.RejectRow) uint64 {
	source := fnv.New64a()
	source.Write([]byte(r.Source))
	offset, _ := strconv.ParseUint(r.Position, 10, 64)
	n := source.Sum64() + offset
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
