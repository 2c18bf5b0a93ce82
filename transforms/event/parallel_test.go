package event

import (
	"fmt"
	"runtime"
	"testing"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParallelParserHandsBatchesBackInTheirOrder(t *testing.T) {
	var q parallelParser[Click, *Click]
	q.setup()
	assert.True(t, q.empty())
	assert.False(t, q.full())
	batch := func(n int) (records []record.Record) { // the later, the shorter
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
		records, all := q.pop()
		require.Equal(t, batch(popped), records)
		require.Len(t, all, len(records))
		for i, p := range all {
			require.Equal(t, fmt.Sprintf("P%d-%d", popped, i), p.event.Promotion)
			require.True(t, p.promotion)
			require.Empty(t, p.reason)
		}
		popped++
	}
	assert.True(t, q.empty())
	assert.Equal(t, runtime.GOMAXPROCS(0), len(q.idle), "a parser is lost")
}
