// Package preview looks at the start of a run's sources, and says how they are read, what
// is in them, and what becomes of it. It writes nothing, and takes nothing from a source.
package preview

import (
	"context"
	"fmt"
	"io"

	"adtoorder/io/record"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"
)

// most is how many records of a source are looked at: of all files of a stream, and of each
// live source.
const most = 1000

// Run looks at the sources of a run and prints what it finds. It fails where a source can't
// be read.
func Run(ctx context.Context, out io.Writer, o engine.Options) error {
	for _, in := range []struct {
		stream string
		engine.Input
		by event.Reading
	}{{ledger.Clicks, o.Clicks, o.ReadClicks}, {ledger.Orders, o.Orders, o.ReadOrders}} {
		if len(in.Files)+len(in.Unbounded) == 0 {
			continue
		}
		read, err := readAll(ctx, in.Input)
		if err != nil {
			return fmt.Errorf("previewing --%s: %w", in.stream, err)
		}
		var records []record.Record
		for _, s := range read {
			records = append(records, s.records...)
		}
		found, err := decode(in.stream, o.Windows(), in.by, records)
		if err != nil {
			return err
		}
		page{out, in.stream}.print(read, records, found)
	}
	fmt.Fprintln(out, "Nothing was written, and nothing was taken from a source.")
	return nil
}
