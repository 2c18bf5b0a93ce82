package unbounded

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	dofn.Batchwise(&collectFn{})
	dofn.Batchwise(&noteFn{})
	dofn.Batchwise(&sumFn{})
	register.Function1x2(keyed)
	register.Iter1[record.Count]()
}

// collected is what the test's pipeline has found.
var collected struct {
	sync.Mutex
	records map[string]int   // how often each came
	batches int              // that held records
	counted int64            // sum of counts in windows that are over
	reports map[string]int64 // newest watermark of each partition
}

// collectFn is []record.Record ->.
type collectFn struct{}

func (collectFn) ProcessElement(batch []record.Record) {
	collected.Lock()
	defer collected.Unlock()
	collected.batches++
	for _, r := range batch {
		collected.records[string(r.Payload)]++
	}
}

// noteFn is Progress ->.
type noteFn struct{}

func (noteFn) ProcessElement(p Progress) {
	collected.Lock()
	defer collected.Unlock()
	collected.reports[p.Partition] = p.Watermark
}

// keyed is record.Count -> <string, record.Count>.
func keyed(c record.Count) (string, record.Count) { return "", c }

// sumFn is <string, record.Count> ->, of each window.
type sumFn struct{}

func (sumFn) ProcessElement(_ string, next func(*record.Count) bool) {
	collected.Lock()
	defer collected.Unlock()
	for c := (record.Count{}); next(&c); {
		collected.counted += c.Records
	}
}

// grow has a fake's partitions grow by a record whenever they are read, up to so
// many; a is closed then, and goes on in b and c.
func grow(f *fake, records int) {
	f.onRead = func(partition string) {
		part := f.parts[partition]
		part.end = time.Now()
		if len(part.times) < records {
			part.times = append(part.times, now())
		}
		if len(part.times) == records && partition == "a" && !part.closed {
			part.closed = true
			f.list("a", "b<a", "c<a", "x")
		}
	}
}

func TestReadOnPrism(t *testing.T) {
	f := newFake("a", "x")
	grow(f, 4)
	fakes.Store(t.Name(), f)
	collected.records, collected.reports = map[string]int{}, map[string]int64{}

	p, s := beam.NewPipelineWithRoot()
	out := Read(s, fakeSource{t.Name()}, Config{OutOfOrderness: 100 * time.Millisecond, Readers: 1})
	records, counts, reports := out.Records, out.Counts, out.Progress
	beam.ParDo0(s, &collectFn{}, records)
	beam.ParDo0(s, &noteFn{}, reports)
	second := beam.WindowInto(s, window.NewFixedWindows(time.Second), counts)
	beam.ParDo0(s, &sumFn{}, beam.GroupByKey(s, beam.ParDo(s, keyed, second)))
	runUntil(t, p, func() bool {
		collected.Lock()
		defer collected.Unlock()
		return collected.counted == 16
	}, "windows don't end")
	want := map[string]int{}
	for _, name := range []string{"a", "b", "c", "x"} {
		for i := range 4 {
			want[fmt.Sprint(name, i)] = 1
		}
		assert.Positive(t, collected.reports[name])
	}
	assert.Equal(t, want, collected.records)
	assert.EqualValues(t, 16, collected.counted)
	assert.Greater(t, collected.batches, 8, "no checkpoints")
	assert.Equal(t, 1, f.connected)
	assert.Equal(t, 1, f.closed)
}

// runUntil runs a pipeline on Prism until a condition holds, drains it, and closes
// the clients.
func runUntil(t *testing.T, p *beam.Pipeline, condition func() bool, otherwise string) {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		_, err := beam.Run(context.Background(), "prism", p)
		ended <- err
	}()
	assert.Eventually(t, condition, 20*time.Second, 10*time.Millisecond, otherwise)
	Drain()
	defer Undrain()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(20 * time.Second):
		t.Fatal("the job does not end when it is drained")
	}
	Close()
}
