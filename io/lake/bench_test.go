package lake

import (
	"fmt"
	"testing"
)

// What it takes to write an hour's file anew, with a row more a promotion: as often as
// Lake.delay says. Most of it is done by the processor, but for the disk's sync.
func BenchmarkMerge(b *testing.B) {
	for _, format := range Formats() {
		for _, promotions := range []int{40, 1000} {
			b.Run(fmt.Sprintf("%s/%d", format, promotions), func(b *testing.B) {
				lake := Lake{b.TempDir(), format}
				file := lake.path("d", start0, "0")
				s := opened(b)
				if err := merge(ctx, s, rowOrder, format, file, many(promotions, 60)); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for i := int64(100); b.Loop(); i++ {
					rows := many(promotions, 1)
					for j := range rows {
						rows[j].Count = i
					}
					if err := merge(ctx, s, rowOrder, format, file, rows); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
