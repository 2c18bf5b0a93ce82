package lake

import (
	"fmt"
	"testing"
	"time"

	"adtoorder/io/table"
	windows "adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is written bundle by bundle are the files that are written of groups, byte by byte.
func TestWriteUngrouped(t *testing.T) {
	var rows []row
	for i := range int64(200) {
		rows = append(rows, rowOf(table.Time(start0+i%7*1000_000), fmt.Sprint("P", i%31), i, 9-i%10))
	}
	policy := windows.Policy{Size: time.Minute, Keys: 1}
	for _, runner := range []string{"prism", "direct"} {
		for i, grouped := range lakes(t) {
			write(t, runner, grouped, policy, rows)
			lake := lakes(t)[i]
			for range 2 { // a second run changes nothing
				p, s := beam.NewPipelineWithRoot()
				WriteUngrouped[row](s, lake, "d", policy, beam.ParDo(s, timed, beam.CreateList(s, rows)))
				_, err := beam.Run(t.Context(), runner, p)
				require.NoError(t, err)
				assert.Equal(t, contents(t, grouped.Dir), contents(t, lake.Dir), "%s on %s", lake.Format, runner)
			}
		}
	}
}

// A bundle holds few rows and few bytes, and what it writes piece by piece is a whole.
func TestWriteUngroupedGathersLittle(t *testing.T) {
	const batches = 4
	for name, test := range map[string]struct{ rows, payload int }{
		"rows":     {maxRows / 4, 0},
		"payloads": {100, maxPayloads / 300},
	} {
		t.Run(name, func(t *testing.T) {
			lake := Lake{t.TempDir(), JSONL}
			fn := &writeUngroupedFn[row]{writeFn: writeFn[row]{Lake: lake, Dataset: "d"}}
			fn.Setup()
			names := map[string]bool{}
			emit := func(name string) { names[name] = true }
			fn.StartBundle(t.Context(), emit)
			for i := range batches {
				batch := make([]row, test.rows)
				for j := range batch {
					batch[j] = rowOf(start0, fmt.Sprint(i, "-", j), 1, 1)
					batch[j].Payload = make(table.Bytes, test.payload)
				}
				hour := window.IntervalWindow{Start: start0, End: start0 + 3600_000}
				require.NoError(t, fn.ProcessElement(t.Context(), hour, "0", table.Batch[row]{Rows: batch}, emit))
				gathered := fn.gathered[target{start0, "0"}]
				assert.LessOrEqual(t, len(gathered), maxRows/2)
				assert.LessOrEqual(t, table.PayloadSize(fn.order.columns, gathered), maxPayloads)
			}
			require.NoError(t, fn.FinishBundle(t.Context(), emit))
			require.NoError(t, fn.Teardown())
			file := lake.path("d", start0, "0")
			assert.Equal(t, map[string]bool{file: true}, names)
			assert.Len(t, rowsOf(t, file), batches*test.rows)
		})
	}
}
