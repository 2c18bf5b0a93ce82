package event

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/window"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	register.Function2x0(eachReject)
	register.Emitter1[string]()
}

func eachReject(rejects []Reject, emit func(string)) {
	for _, r := range rejects {
		emit(r.Stream + " " + r.Position)
	}
}

// finished are the windows of finished files.
var finished = window.Policy{Size: time.Minute, Group: window.Partition, Keys: 1}

// others are records of no promotion, at offsets 0, 1, 2 and so on, a second apart.
func others(n int) (batch []record.Record) {
	for i := range n {
		at := time.UnixMilli(start0).Add(time.Duration(i) * time.Second).UTC().Format(time.RFC3339)
		r := of(fmt.Sprintf(`{"EventType":"Search","Timestamp":%q}`, at))
		r.Source, r.Offset = "/clicks.jsonl", int64(i)
		batch = append(batch, r)
	}
	return batch
}

// sampled decodes batches in a decoder each, and returns what all of them have sampled.
func sampled(windows window.Policy, batches ...[]record.Record) (all []Reject) {
	for _, batch := range batches {
		d := NewClicks(windows)
		d.Decode(batch, func(*Click) {}, func(Reject) {})
		all = append(all, d.Samples()...)
	}
	return all
}

// positions are those of samples, in order.
func positions(samples []Reject) (all []string) {
	for _, r := range samples {
		all = append(all, r.Position)
	}
	slices.Sort(all)
	return all
}

func TestADecoderSamplesSomeOfEachHour(t *testing.T) {
	batch := others(7200)
	perHour := map[int64]int{}
	for _, r := range sampled(finished, batch) {
		assert.True(t, r.IsSample())
		assert.Equal(t, string(batch[r.Offset].Payload), string(r.Payload))
		perHour[finished.PartitionOf(r.Time)]++
	}
	assert.Equal(t, map[int64]int{start0: samplesAnHour, start0 + 3_600_000: samplesAnHour}, perHour)
	assert.Len(t, sampled(finished, batch[:7]), 7, "all of few")
	assert.Len(t, sampled(window.Policy{Size: time.Minute}, batch[:120]), 2, "one a window of unbounded input")
	assert.Len(t, sampled(window.Policy{Size: time.Hour}, batch[:120]), samplesAnHour, "ten a window of an hour")

	hours := window.Policy{Size: time.Hour, Group: window.Partition, Keys: 1}
	d := NewClicks(hours)
	for _, some := range [][]record.Record{batch[:3000], batch[3000:3020], batch[:20]} {
		assert.Empty(t, decodeBatch(d, some...).rejects)
		assert.Equal(t, positions(sampled(hours, some)), positions(d.Samples()))
		assert.Empty(t, d.Samples(), "they are given once")
	}
}

func TestASampleKeepsTheStartOfAPayload(t *testing.T) {
	long := of(`{"Timestamp":"2026-11-01T00:00:00Z","x":"` + string(slices.Repeat([]byte("x"), maxSample)) + `"}`)
	got := sampled(finished, []record.Record{long})
	require.Len(t, got, 1)
	assert.Len(t, got[0].Payload, maxSample)
	assert.True(t, got[0].Cut)
}

// Whoever decodes which records, and in which order, the same ones are chosen.
func TestTheSameSamplesAreChosen(t *testing.T) {
	batch := others(3000)
	want := positions(sampled(finished, batch))
	for i, r := range want {
		want[i] = "clicks " + r
	}
	random := rand.New(rand.NewPCG(1, 1))
	random.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	again := batch[:500] // which a worker has decoded twice
	var bundles [][]Reject
	for some := range slices.Chunk(append(batch, again...), 700) {
		bundles = append(bundles, sampled(finished, some))
	}
	bundles = append(bundles, []Reject{{Stream: "clicks", Outcome: "malformed", Position: "none of them"}})
	for _, runner := range []string{"prism", "direct"} {
		p, s := beam.NewPipelineWithRoot()
		chosen := Choose(s, finished, beam.CreateList(s, bundles))
		passert.EqualsList(s, beam.ParDo(s, eachReject, chosen), want)
		_, err := beam.Run(context.Background(), runner, p)
		require.NoError(t, err, runner)
	}
}
