package event

import (
	"fmt"
	"runtime"
	"testing"

	"adtoorder/io/record"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParallelDecoderHandsBatchesBackInTheirOrder(t *testing.T) {
	var q parallelDecoder[Click, *Click]
	q.setup(classifier{Stream: ledger.Clicks, Windows: minutes})
	assert.True(t, q.empty())
	assert.False(t, q.full())
	batch := func(n int) (records []record.Record) { // the later, the shorter
		records = append(records, of(fmt.Sprint("bad ", n)))
		for i := range 50 - n {
			records = append(records, of(fmt.Sprintf(`{"EventType":"Promotion","Event":"P%d-%d",%s}`, n, i, clickTime)))
		}
		return records
	}
	pushed, popped := 0, 0
	for popped < 40 {
		for !q.full() && pushed < 40 {
			q.push(batch(pushed))
			pushed++
		}
		require.LessOrEqual(t, pushed-popped, runtime.GOMAXPROCS(0))
		events, rejects := q.pop()
		require.Len(t, events, 50-popped)
		for i, e := range events {
			require.Equal(t, fmt.Sprintf("P%d-%d", popped, i), e.Promotion)
		}
		require.Len(t, rejects, 1)
		require.Equal(t, fmt.Sprint("bad ", popped), string(rejects[0].Payload))
		popped++
	}
	assert.True(t, q.empty())
	assert.Equal(t, runtime.GOMAXPROCS(0), len(q.idle), "a decoder is lost")
}
