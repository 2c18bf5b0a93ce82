package files_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"adtoorder/io/files"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
)

func init() { register.Function1x0(printRecords) }

func printRecords(batch []record.Record) {
	for _, r := range batch {
		fmt.Printf("%s byte %d: %s\n", filepath.Base(r.Source), r.Offset, r.Payload)
	}
}

// Read gives a record a line, in batches, whose position is that of its first byte.
func ExampleRead() {
	dir, err := os.MkdirTemp("", "files")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	lines := []byte(`{"Event":"P601"}` + "\n" + `{"Event":"P602"}` + "\n")
	if err := os.WriteFile(filepath.Join(dir, "clicks-1.jsonl"), lines, 0o600); err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	found, err := files.Match(ctx, []string{filepath.Join(dir, "clicks-*.jsonl")})
	if err != nil {
		log.Fatal(err)
	}
	p, s := beam.NewPipelineWithRoot()
	records, _ := files.Read(s, found)
	beam.ParDo0(s, printRecords, records)
	if _, err := beam.Run(ctx, "direct", p); err != nil {
		log.Fatal(err)
	}
	// Output:
	// clicks-1.jsonl byte 0: {"Event":"P601"}
	// clicks-1.jsonl byte 17: {"Event":"P602"}
}
