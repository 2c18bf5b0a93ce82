package sqlite

import (
	"context"
	"fmt"

	"adtoorder/io/table"
)

// Scrub implements warehouse.Scrubber: the file and its log are written anew, without the
// free space in which former rows stand.
func (w Warehouse) Scrub(ctx context.Context, _ table.Table) error {
	h, err := w.handle()
	if err != nil {
		return err
	}
	h.folding.Lock()
	defer h.folding.Unlock()
	if _, err := h.ExecContext(ctx, "VACUUM"); err != nil {
		return fmt.Errorf("warehouse %s: writing its file anew: %w; end what else writes it, and try again",
			w.Path, err)
	}
	busy, ignored := 0, 0
	err = h.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &ignored, &ignored)
	if err == nil && busy != 0 {
		err = fmt.Errorf("another program reads or writes it")
	}
	if err != nil {
		return fmt.Errorf("warehouse %s: emptying its log: %w; end what else has it open, and try again", w.Path, err)
	}
	return nil
}
