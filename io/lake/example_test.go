package lake_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
)

// visits is a row: its key is the window and the page, and the larger count stays.
type visits struct {
	Start table.Time `json:"start" parquet:"start,timestamp(millisecond)" table:"key"`
	Page  string     `json:"page" parquet:"page" table:"key"`
	Count int64      `json:"count" parquet:"count" table:"max"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[visits]())
	lake.Register[visits]()
	register.Function1x3(inShard)
}

// inShard gives a row its time, and the file of its hour in which it stands.
func inShard(v visits) (beam.EventTime, string, table.Batch[visits]) {
	return mtime.FromMilliseconds(int64(v.Start)), "0", table.Batch[visits]{Rows: []visits{v}}
}

// Write leaves one whole file an hour and shard. A second run, or a late pane, merges
// with the file that is there.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx, to := context.Background(), lake.Lake{Dir: dir, Format: lake.JSONL}
	minute := table.Time(time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC).UnixMilli())

	for _, rows := range [][]visits{
		{{minute, "P601", 3}, {minute, "P602", 1}},
		{{minute, "P601", 2}, {minute, "P602", 5}},
	} {
		p, s := beam.NewPipelineWithRoot()
		keyed := beam.ParDo(s, inShard, beam.CreateList(s, rows))
		lake.Write[visits](s, to, "visits", window.Policy{Size: time.Minute, Keys: 1}, keyed)
		if _, err := beam.Run(ctx, "direct", p); err != nil {
			log.Fatal(err)
		}
	}

	files, err := filepath.Glob(dir + "/visits/*/*/*/*/*")
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		name, _ := filepath.Rel(dir, file)
		fmt.Printf("%s\n%s", name, content)
	}
	// Output:
	// visits/year=2026/month=11/day=01/hour=09/20261101T09-0.jsonl
	// {"start":"2026-11-01T09:30:00Z","page":"P601","count":3}
	// {"start":"2026-11-01T09:30:00Z","page":"P602","count":5}
}
