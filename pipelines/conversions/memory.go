package main

import (
	"os"
	"runtime/debug"

	// The memory that a container or the machine has; small, kept, MIT.
	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// collect is the garbage collector's target for finished input, in percent: a run
	// takes a sixth less time than at Go's 100, as long as there is memory for it. A live
	// run is not in a hurry.
	collect = 400
	// memoryShare of the machine's memory, and at least minMemory bytes, is what a run over
	// finished input may use before the collector works harder than collect says.
	memoryShare = 48
	minMemory   = 400 << 20
)

// saveMemory sets the garbage collector up for finished input, where the environment
// doesn't.
func saveMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collect)
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	has, err := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)()
	if err != nil {
		has = 0 // a system that does not tell
	}
	debug.SetMemoryLimit(memoryLimit(has))
}

// memoryLimit is what a run may use of so many bytes of memory, 0 where that is not known.
// A container may have less than minMemory, and ends what takes more than it has.
func memoryLimit(has uint64) int64 {
	limit := max(minMemory, int64(has/memoryShare))
	if has > 0 {
		limit = min(limit, int64(has/4*3))
	}
	return limit
}
