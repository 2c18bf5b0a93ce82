package conversion

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	windows "adtoorder/io/window"
	"adtoorder/transforms/event"

	"github.com/stretchr/testify/require"
)

// BenchmarkJoin receives and joins the million ids of a window: 40 promotions, 60
// batches, and an id in a hundred again.
func BenchmarkJoin(b *testing.B) {
	const ids, promotions, batches = 1_000_000, 40, 60
	random := rand.New(rand.NewPCG(1, 0))
	for name, perKey := range map[string]int{"a key a promotion": 1, "one key": promotions} {
		b.Run(name, func(b *testing.B) {
			var elements [promotions][][]byte
			for k := range promotions / perKey {
				for range batches {
					var p Partials
					for i := range perKey {
						clicks := &Clicks{}
						for range ids / promotions / batches {
							clicks.IDs = append(clicks.IDs, benchID(random.Uint64N(ids*50)))
						}
						p.Sums = append(p.Sums, Partial{60_000, fmt.Sprint("promotion-", k+i), clicks, nil})
					}
					elements[k] = append(elements[k], encodePartials(p))
				}
			}
			fn := &joinFn{Windows: windows.Policy{Size: time.Minute}}
			b.ReportAllocs()
			for b.Loop() {
				for _, key := range elements[:promotions/perKey] {
					// A runner decodes all values of a key before it hands them on.
					var values []Partials
					for _, encoded := range key {
						p, err := decodePartials(encoded)
						require.NoError(b, err)
						values = append(values, p)
					}
					fn.ProcessElement("", iterate(values), func([]Row) {})
				}
			}
		})
	}
}

// benchID is the id of a number.
func benchID(n uint64) event.ID { return event.NewID(binary.BigEndian.AppendUint64(nil, n)) }

func BenchmarkEncode(b *testing.B) {
	clicks := &Clicks{}
	for i := range uint64(100_000) {
		clicks.IDs = append(clicks.IDs, benchID(i))
	}
	b.ReportAllocs()
	for b.Loop() {
		encodePartials(Partials{[]Partial{{60_000, "promotion-1", clicks, nil}}})
	}
}
