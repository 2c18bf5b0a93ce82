package unbounded

import (
	"sync/atomic"
	"time"

	"adtoorder/io/record"
)

// watermark is what a reader has reported to the runner, in milliseconds since
// the Unix epoch. A runner looks at it while a bundle is processed.
type watermark struct{ ms atomic.Int64 }

// CurrentWatermark implements sdf.WatermarkEstimator.
func (w *watermark) CurrentWatermark() time.Time { return time.UnixMilli(w.ms.Load()) }

// advance moves the watermark forward.
func (w *watermark) advance(ms int64) { w.ms.Store(max(w.ms.Load(), ms)) }

// pollSlack is how long a record may wait for a reader that has had nothing to read.
const pollSlack = 2 * (bundleTime + idlePause)

// follow stamps a batch's records with the partition's watermark, and advances that by
// what the batch tells. now and outOfOrderness are in milliseconds.
//
// In an ordered source each record advances the watermark to its broker time, and a
// confirmed end advances it to the clock, both less outOfOrderness. Without one, a reader
// is catching up while it has just
// begun, or while the Backlog's Delay exceeds both the out-of-orderness and what an
// idle reader may take to poll. Then records as old as the Backlog's Oldest are still
// to be expected, and an empty answer proves nothing, since messages may be leased to
// a reader that is no more.
func (p *PartitionState) follow(b Batch, now, outOfOrderness int64) {
	if l := b.Backlog; l != nil && l.Delay > time.Duration(outOfOrderness)*time.Millisecond+pollSlack {
		p.advance(min(l.Oldest, now), outOfOrderness)
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
func (p *PartitionState) stamp(records []record.Record, now, outOfOrderness int64) {
	for i := range records {
		p.advance(min(records[i].Time, now), outOfOrderness)
		records[i].Watermark = p.Watermark
	}
}

// advance says that nothing older than a broker time less the out-of-orderness
// is expected.
func (p *PartitionState) advance(broker, outOfOrderness int64) {
	p.Watermark = max(p.Watermark, broker-outOfOrderness)
}

// watermark returns the least of the partitions'. A partition may have appeared
// since they were listed, so it never exceeds the time of that listing less
// outOfOrderness.
func (r *Restriction) watermark(outOfOrderness int64) int64 {
	least := max(0, r.Listed-outOfOrderness)
	for _, p := range r.Partitions {
		least = min(least, p.Watermark)
	}
	return least
}
