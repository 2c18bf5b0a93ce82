package record

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPositionIsTheOffset(t *testing.T) {
	for offset, want := range map[int64]string{0: "0", 1: "1", math.MaxInt64: "9223372036854775807"} {
		t.Run(want, func(t *testing.T) {
			assert.Equal(t, want, Record{Offset: offset}.Position())
		})
	}
}

func TestKeptIsLessThanTheLongestRecord(t *testing.T) {
	assert.Less(t, MaxKept, MaxSize)
}
