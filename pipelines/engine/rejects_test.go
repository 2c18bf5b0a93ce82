package engine

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A payload that was taken out stays out when its row comes again with it, in each sink
// and in whichever order, and so does what is left of it.
func TestAPayloadThatWasTakenOutStaysOut(t *testing.T) {
	const payload = `{"UserId":"U17"}`
	hash := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(payload)))
	want := []table.Bytes{Whole: []byte(payload), Hashed: []byte(hash), NotKept: {}, Erased: {}}
	rowOf := func(withheld int64) RejectRow {
		r := RejectRow{Stream: "clicks", Source: "f", Position: "1", Payload: []byte(payload), Withheld: withheld}
		r.Derive()
		return r
	}
	columns := table.Columns[RejectRow]()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		most, merged := int64(0), rowOf(0)
		for range 1 + random.IntN(4) {
			next := rowOf(random.Int64N(4))
			most = max(most, next.Withheld)
			if random.IntN(2) == 0 {
				merged = table.Merge(columns, merged, next)
			} else {
				merged = table.Merge(columns, next, merged)
			}
		}
		require.Equal(t, most, merged.Withheld)
		require.Equal(t, string(want[most]), string(merged.Payload))
	}
}

// A run keeps of payloads what it is told to, in lake and warehouse alike.
func TestRejectPayloads(t *testing.T) {
	hashes := map[string]bool{}
	for _, runner := range Embedded {
		for _, kept := range []string{"full", "hashed", "none"} {
			f := place(t, runner)
			f.Clicks, f.Orders, f.RejectPayloads = finished, []string{"../../testdata/rules/orders.jsonl"}, kept
			o, err := Parse(t.Context(), f)
			require.NoError(t, err)
			_, err = Run(t.Context(), o)
			require.NoError(t, err)
			inLake, inWarehouse := inLake(t, o.Lake), inWarehouse(t, f.Warehouse)
			assert.Len(t, inLake, len(inWarehouse))
			assert.NotEmpty(t, inLake)
			for _, r := range append(inLake, inWarehouse...) {
				assert.Equal(t, withheld[kept], r.Withheld)
				switch kept {
				case payloadsFull:
					hashes[fmt.Sprintf("sha256:%x", sha256.Sum256(r.Payload))] = true
				case payloadsHashed:
					assert.True(t, hashes[string(r.Payload)], "%s", r.Payload)
				case payloadsNone:
					assert.Empty(t, r.Payload)
				}
			}
		}
	}
}

func inLake(t *testing.T, in lake.Lake) (all []RejectRow) {
	t.Helper()
	for rows, err := range lake.Scan[RejectRow](t.Context(), in, rejectsDataset) {
		require.NoError(t, err)
		all = append(all, rows...)
	}
	return all
}

func inWarehouse(t *testing.T, uri string) []RejectRow {
	t.Helper()
	w, err := warehouse.Open(uri)
	require.NoError(t, err)
	defer w.Close()
	all, err := warehouse.Select[RejectRow](t.Context(), w, rejectsTable, "TRUE")
	require.NoError(t, err)
	return all
}

// Of a live source, too, payloads are taken out before rows are grouped or written.
func TestRejectPayloadsOfLiveSources(t *testing.T) {
	o := optionsOn(t, []string{aTopic}, finished)
	assert.NotContains(t, names(t, o), "engine.withholdFn")
	o.RejectPayloads = payloadsNone
	assert.Contains(t, names(t, o), "engine.withholdFn")
}
