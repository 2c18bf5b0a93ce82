package warehouse_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"adtoorder/io/table"
	"adtoorder/io/warehouse"
	_ "adtoorder/io/warehouse/sqlite"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
)

// visits is a row: its key is the window and the page, and the larger count stays.
type visits struct {
	Start table.Time `parquet:"start,timestamp(millisecond)" table:"key"`
	Page  string     `parquet:"page" table:"key"`
	Count int64      `parquet:"count" table:"max"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[visits]())
	warehouse.Register[visits]()
}

// Upsert merges each row with that of its key: writing one again changes nothing, and
// an older one takes nothing away.
func ExampleUpsert() {
	dir, err := os.MkdirTemp("", "warehouse")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	w, err := warehouse.Open("sqlite:" + filepath.Join(dir, "warehouse.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	to := table.Of[visits]("visits", "start")
	noViews := func(table.Dialect) []table.View { return nil }
	if err := w.Create(ctx, []table.Table{to}, noViews); err != nil {
		log.Fatal(err)
	}

	minute := table.Time(time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC).UnixMilli())
	p, s := beam.NewPipelineWithRoot()
	warehouse.Upsert[visits](s, w, to, beam.CreateList(s, []table.Batch[visits]{
		{Rows: []visits{{minute, "P601", 7}, {minute, "P602", 4}}},
		{Rows: []visits{{minute, "P601", 3}}},
	}))
	if _, err := beam.Run(ctx, "direct", p); err != nil {
		log.Fatal(err)
	}

	rows, err := warehouse.Select[visits](ctx, w, "visits", "count > ?", 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		fmt.Println(r.Page, r.Count)
	}
	// Unordered output:
	// P601 7
	// P602 4
}
