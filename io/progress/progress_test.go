package progress

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWindowsAreCountedOnce(t *testing.T) {
	before := Windows()
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for start := range int64(100) {
				Wrote(start * 60_000)
			}
		})
	}
	writers.Wait()
	assert.EqualValues(t, 100, Windows()-before)
}
