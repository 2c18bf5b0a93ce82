package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/io/testenv"
	"adtoorder/io/warehouse"
	"adtoorder/io/warehouse/sqlite"
	"adtoorder/io/window"
	"adtoorder/pipelines/engine"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	register.Function1x3(located)
}

func TestMain(m *testing.M) { testenv.Main(m) }

// runWith runs the program.
func runWith(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, &out, &errs)
	return status, out.String(), errs.String()
}

// runOn runs the program on a stream and wants it to succeed.
func runOn(t *testing.T, stream string, args ...string) (stdout string) {
	t.Helper()
	status, stdout, stderr := runWith(append([]string{"--stream", stream}, args...)...)
	require.Zero(t, status, stderr)
	assert.Empty(t, stderr)
	return stdout
}

// at is a time on the morning of 2026-11-01.
func at(hour, minute int) table.Time {
	return table.Time(time.Date(2026, 11, 1, hour, minute, 0, 0, time.UTC).UnixMilli())
}

// of returns a reject of a stream: a payload, and where it comes from.
func of(stream, source, position, payload string) engine.RejectRow {
	return engine.RejectRow{Stream: stream, Source: source, Position: position, Time: at(8, 0),
		Outcome: "malformed", Reason: "no_timestamp", Payload: table.Bytes(payload)}
}

// stores keeps rejects in lakes of both formats and in a warehouse, and returns
// the arguments that name each.
func stores(t *testing.T, rows ...engine.RejectRow) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	p, s := beam.NewPipelineWithRoot()
	input := beam.ParDo(s, located, beam.CreateList(s, rows))
	for _, format := range lake.Formats() {
		to := lake.Lake{Dir: t.TempDir(), Format: format}
		lake.Write[engine.RejectRow](s, to, "rejects", window.Policy{Size: time.Hour, Keys: 1}, input)
		all[format] = []string{"--lake", to.Dir}
	}
	w := sqlite.Warehouse{Path: t.TempDir() + "/w.db"}
	require.NoError(t, w.Create(t.Context(), engine.Tables, engine.Views))
	warehouse.Upsert[engine.RejectRow](s, w, table.Table{Name: "rejects"}, beam.DropKey(s, input))
	all["sqlite"] = []string{"--warehouse", "sqlite:" + w.Path}
	_, err := beam.Run(context.Background(), "direct", p)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return all
}

// located gives a reject its time, and the name of its file.
func located(r engine.RejectRow) (beam.EventTime, string, table.Batch[engine.RejectRow]) {
	return mtime.FromMilliseconds(int64(r.Time)), fmt.Sprintf("%x", r.Stream+r.Source),
		table.Batch[engine.RejectRow]{Rows: []engine.RejectRow{r}}
}

// jsonl keeps rejects in a lake and returns the arguments that name it.
func jsonl(t *testing.T, rows ...engine.RejectRow) []string {
	t.Helper()
	return stores(t, rows...)[lake.JSONL]
}

// content returns what a file holds.
func content(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}
