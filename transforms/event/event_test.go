package event

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNewID(t *testing.T) {
	assert.Equal(t, ID{}, NewID(nil))
	assert.Equal(t, ID{}, NewID([]byte("")))
	sum := sha256.Sum256([]byte("E1"))
	id := NewID([]byte("E1"))
	assert.Equal(t, hex.EncodeToString(sum[:16]), fmt.Sprintf("%016x%016x", id.High, id.Low))
	assert.Equal(t, id, NewID([]byte("E1")))
	assert.NotEqual(t, id, NewID([]byte("E1 ")))
	assert.NotEqual(t, id, NewID([]byte("e1")))
}

func TestCompareIDs(t *testing.T) {
	sorted := []ID{{}, {0, 1}, {0, math.MaxUint64}, {1, 0}, {1, 1}, {math.MaxUint64, 0}}
	for i, a := range sorted {
		for j, b := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			assert.Equal(t, want, a.Compare(b), "%v, %v", a, b)
		}
	}
}
