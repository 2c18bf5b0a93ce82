package conversion

import (
	"runtime"
	"testing"
	"time"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
)

// Of a bundle that fails no end is told: Beam (2.77) forgets its DoFns, without a
// Teardown. Nothing may wait for it.
func TestABundleThatFailsLeavesNoWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 10 {
		fn := &countClicksFn{Windows: policies["files"]}
		fn.Setup()
		_, emit, reject, book := collector(t, fn.Windows)
		fn.StartBundle(t.Context(), emit, reject, book)
		for range 10 {
			fn.ProcessElement([]record.Record{clickAt(0, "P1", "a"), recordOf("x")}, emit, reject, book)
		}
	}
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, time.Second, time.Millisecond)
}
