// Package progress counts what this process has done, and passes on what fails for a
// while: for a line on the terminal and for metrics. Sources, sinks and the engine
// report to it, and pipelines/conversions shows it. The counts are no result: a bundle
// that is retried counts again, and other workers' work is not seen. The ledger holds
// the exact numbers.
package progress

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Records counts the records that sources have emitted, Rejects those of them
// that could not be used.
var Records, Rejects atomic.Int64

// Folded counts the lake's files of the former layout whose rows are in others now.
var Folded atomic.Int64

// Assumption is something that had to be assumed of a stream's records to read them, in
// words that stand behind their number.
type Assumption struct{ Stream, What string }

var assumed sync.Map // Assumption -> *atomic.Int64, records

// Assume counts records of which something was assumed.
func Assume(a Assumption, records int64) {
	n, _ := assumed.LoadOrStore(a, new(atomic.Int64))
	n.(*atomic.Int64).Add(records)
}

// Assumptions returns of how many records each thing was assumed.
func Assumptions() map[Assumption]int64 {
	all := map[Assumption]int64{}
	assumed.Range(func(a, n any) bool {
		all[a.(Assumption)] = n.(*atomic.Int64).Load()
		return true
	})
	return all
}

// booking is an outcome of a stream's records.
type booking struct{ stream, outcome string }

var booked sync.Map // booking -> *atomic.Int64, records

// Book counts records of a stream that came to an outcome.
func Book(stream, outcome string, records int64) {
	n, _ := booked.LoadOrStore(booking{stream, outcome}, new(atomic.Int64))
	n.(*atomic.Int64).Add(records)
}

// Outcomes calls a function with how many of a stream's records came to each outcome.
func Outcomes(do func(stream, outcome string, records int64)) {
	booked.Range(func(b, n any) bool {
		do(b.(booking).stream, b.(booking).outcome, n.(*atomic.Int64).Load())
		return true
	})
}

// Miss is something in a stream's records that comes close to what is looked for, in words
// that stand in front of their number, and what mends it, "" where nothing is known to.
type Miss struct{ Stream, What, Mend string }

var (
	misses = map[Miss]int64{}
	looked = map[string]int64{} // records that were looked at, by stream
	near   sync.Mutex
)

// Look counts records that were looked at for misses, and those of them that had some.
func Look(stream string, records int64, found map[Miss]int64) {
	near.Lock()
	defer near.Unlock()
	looked[stream] += records
	for m, n := range found {
		misses[m] += n
	}
}

// Misses returns how many records were looked at, by stream, and how many of them had each
// miss.
func Misses() (records map[string]int64, found map[Miss]int64) {
	near.Lock()
	defer near.Unlock()
	return maps.Clone(looked), maps.Clone(misses)
}

// mark is a partition's watermark.
type mark struct {
	Stream, Partition string
}

var watermarks sync.Map // mark -> int64, milliseconds since the Unix epoch

// Watermark notes a live partition's watermark, in milliseconds since the Unix epoch.
func Watermark(stream, partition string, ms int64) { watermarks.Store(mark{stream, partition}, ms) }

// Watermarks calls a function with the watermark of every live partition.
func Watermarks(do func(stream, partition string, ms int64)) {
	watermarks.Range(func(key, value any) bool {
		m := key.(mark)
		do(m.Stream, m.Partition, value.(int64))
		return true
	})
}

var (
	written sync.Map // starts of windows
	windows atomic.Int64
)

// Wrote notes that something of a window was written, given its start in
// milliseconds since the Unix epoch.
func Wrote(start int64) {
	if _, again := written.LoadOrStore(start, true); !again {
		windows.Add(1)
	}
}

// Windows returns how many windows something was written of.
func Windows() int64 { return windows.Load() }
