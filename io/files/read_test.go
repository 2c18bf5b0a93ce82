package files

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"adtoorder/io/framing"
	"adtoorder/io/progress"
	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/rtrackers/offsetrange"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	register.Function2x0(describeRecords)
	register.Function1x1(countOf)
	register.Emitter1[string]()
}

// describe tells all of a record that a test of reading looks at.
func describe(r record.Record) string {
	return fmt.Sprintf("%d+%d %s%s", r.Offset, r.Size, r.Damage, r.Payload)
}

func describeRecords(batch []record.Record, emit func(string)) {
	for _, r := range batch {
		emit(describe(r))
	}
}

func countOf(c record.Count) int64 { return c.Records }

// readRange reads one range of a file as a runner does. between is called with
// the tracker after each batch.
func readRange(t *testing.T, f File, r offsetrange.Restriction, between func(*sdf.LockRTracker)) (read []string) {
	t.Helper()
	fn := &readFn{}
	tracker := fn.CreateTracker(r)
	fn.StartBundle(nil, nil, nil)
	err := fn.ProcessElement(context.Background(), tracker, f, func(batch []record.Record) {
		require.NotEmpty(t, batch)
		for _, one := range batch {
			assert.Equal(t, f.Path, one.Source)
			read = append(read, describe(one))
		}
		if between != nil {
			between(tracker)
		}
	}, nil)
	require.NoError(t, err)
	require.NoError(t, tracker.GetError())
	require.True(t, tracker.IsDone(), "a range that is not done fails the bundle: %s", tracker)
	require.EqualValues(t, len(read), fn.emitted)
	return read
}

func wholeFile(t *testing.T, f File) (read []string) {
	t.Helper()
	all, err := scan(t, f)
	require.NoError(t, err)
	for _, one := range all {
		read = append(read, describe(one))
	}
	return read
}

func TestEverySplitGivesEachLineOnce(t *testing.T) {
	text := "a\nbcd\r\n\n\ne\r\n\r\n{} {}x\n\nlast"
	f := File{Path: write(t, t.TempDir(), "a.jsonl", text), Size: int64(len(text))}
	want := []string{"0+1 a", "2+3 bcd", "9+1 e", "14+2 {}", "17+2 {}", "19+1 x", "22+4 last"}
	require.Equal(t, want, wholeFile(t, f))
	var singly []string
	for one := range f.Size {
		singly = append(singly, readRange(t, f, offsetrange.Restriction{Start: one, End: one + 1}, nil)...)
		for two := one; two <= f.Size; two++ {
			var read []string
			for _, r := range []offsetrange.Restriction{{Start: 0, End: one}, {Start: one, End: two},
				{Start: two, End: f.Size}} {
				read = append(read, readRange(t, f, r, nil)...)
			}
			require.Equal(t, want, read, "split at %d and %d", one, two)
		}
	}
	assert.Equal(t, want, singly)
}

// manyBlocks is a file of several blocks, with some lines longer than one.
func manyBlocks(t *testing.T) (File, []string) {
	var text strings.Builder
	for i := 0; text.Len() < 5*framing.BlockSize; i++ {
		size := i % 97
		if i%4_000 == 3_999 {
			size = framing.BlockSize + 7
		}
		fmt.Fprintf(&text, "%0*d\n", size, i)
	}
	f := File{Path: write(t, t.TempDir(), "a.jsonl", text.String()), Size: int64(text.Len())}
	want := wholeFile(t, f)
	require.Len(t, want, strings.Count(text.String(), "\n"))
	return f, want
}

// Its records belong to the range in which it starts, and it is claimed once.
func TestALineOfManyBlocks(t *testing.T) {
	text := "x\n" + strings.Repeat("{} ", framing.BlockSize) + "\ny\n"
	f := File{Path: write(t, t.TempDir(), "a.jsonl", text), Size: int64(len(text))}
	middle := int64(framing.BlockSize)
	assert.Len(t, readRange(t, f, offsetrange.Restriction{Start: 0, End: middle}, nil), 1+framing.BlockSize)
	assert.Len(t, readRange(t, f, offsetrange.Restriction{Start: middle, End: f.Size}, nil), 1)
}

func TestSplitWhileReadingGivesEachLineOnce(t *testing.T) {
	f, want := manyBlocks(t)
	for _, fraction := range []float64{0, 1e-9, 0.1, 0.5, 0.999} {
		for batches := range 4 { // that are read before the split
			var rest []offsetrange.Restriction
			split := func(tracker *sdf.LockRTracker) {
				if batches--; batches == 0 {
					_, residual, err := tracker.TrySplit(fraction)
					require.NoError(t, err)
					if residual != nil {
						rest = append(rest, residual.(offsetrange.Restriction))
					}
				}
			}
			read := readRange(t, f, offsetrange.Restriction{End: f.Size}, split)
			if batches == 0 {
				require.Len(t, rest, 1, "no split happened")
				require.Less(t, len(read), len(want), "the range did not shrink")
			}
			for _, r := range rest {
				read = append(read, readRange(t, f, r, nil)...)
			}
			require.True(t, slices.Equal(want, read), "split at %v of the rest", fraction)
		}
	}
}

func TestRandomSplitsWhileReadingGiveEachLineOnce(t *testing.T) {
	f, want := manyBlocks(t)
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 0))
		var read []string
		todo := []offsetrange.Restriction{{End: f.Size}}
		for len(todo) > 0 && len(todo) < 1_000 {
			r := todo[0]
			todo = todo[1:]
			read = append(read, readRange(t, f, r, func(tracker *sdf.LockRTracker) {
				if _, residual, err := tracker.TrySplit(random.Float64()); err == nil && residual != nil {
					todo = append(todo, residual.(offsetrange.Restriction))
				}
			})...)
		}
		require.True(t, slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(read))), "seed %d",
			seed)
	}
}

func TestRestrictions(t *testing.T) {
	fn := &readFn{}
	for _, test := range []struct {
		file File
		want offsetrange.Restriction
	}{
		{File{Path: "/a.jsonl", Size: 70}, offsetrange.Restriction{End: 70}},
		{File{Path: "/a.jsonl", Size: 1}, offsetrange.Restriction{End: 1}},
		{File{Path: "/empty.jsonl", Size: 0}, offsetrange.Restriction{}},
		{File{Path: "/a.jsonl", Size: 70, Compression: "gzip"}, whole},
		{File{Path: "/a.json", Size: 70, Spans: true}, whole},
		{File{Path: "gs://bucket/a.jsonl", Size: 70}, whole},
	} {
		t.Run(fmt.Sprintf("%s of %d", test.file.Path, test.file.Size), func(t *testing.T) {
			assert.Equal(t, test.want, fn.CreateInitialRestriction(test.file), test.file.Path)
		})
	}
	large := File{Path: "/a.jsonl", Size: 3*splitSize + 5}
	var size float64
	parts := fn.SplitRestriction(large, fn.CreateInitialRestriction(large))
	for i, part := range parts {
		assert.LessOrEqual(t, part.Size(), float64(splitSize))
		assert.Equal(t, part.Size(), fn.RestrictionSize(large, part))
		if i > 0 {
			assert.Equal(t, parts[i-1].End, part.Start)
		}
		size += part.Size()
	}
	assert.Len(t, parts, 4)
	assert.EqualValues(t, large.Size, size)
}

// A part of a stretch is cut, too.
func TestLargeFilesAreCut(t *testing.T) {
	const size = 3*splitSize + 5
	whole := File{Path: "/a.jsonl", Size: size}
	for _, large := range []File{whole, {Path: whole.Path, Size: 9 * size, From: size, To: 2 * size}} {
		fn, at := &readFn{}, large.From
		var parts []File
		cut(large, func(part File) { parts = append(parts, part) })
		for _, part := range parts {
			r := fn.CreateInitialRestriction(part)
			assert.LessOrEqual(t, fn.RestrictionSize(part, r), float64(splitSize))
			assert.Equal(t, at, r.Start)
			at = r.End
		}
		assert.Len(t, parts, 4)
		assert.EqualValues(t, size, at-large.From)
	}
}

// Without a reshuffle, one slot of a cluster would read all files.
func TestPartsAreSpreadOverWorkers(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	ReadSpread(s, []File{{Path: "/a.jsonl", Size: 1}})
	edges, _, err := p.Build()
	require.NoError(t, err)
	for _, e := range edges {
		if e.DoFn != nil && e.DoFn.IsSplittable() {
			by := slices.IndexFunc(edges, func(from *graph.MultiEdge) bool {
				return len(from.Output) > 0 && from.Output[0].To == e.Input[0].From
			})
			assert.Equal(t, graph.Reshuffle, edges[by].Op)
			return
		}
	}
	t.Fatal("nothing reads")
}

func TestReadFnReturnsAFailingDisk(t *testing.T) {
	dir := t.TempDir()
	fn := &readFn{}
	for path, want := range map[string]string{dir: "reading " + dir, dir + "/gone": "opening " + dir + "/gone"} {
		tracker := fn.CreateTracker(offsetrange.Restriction{End: 10})
		err := fn.ProcessElement(context.Background(), tracker, File{Path: path, Size: 10},
			func([]record.Record) {}, nil)
		assert.ErrorContains(t, err, want)
	}
}

func TestReadFnCountsABundle(t *testing.T) {
	f := File{Path: write(t, t.TempDir(), "a.jsonl", "a\n\nb\n"), Size: 5}
	fn := &readFn{}
	var counts []record.Count
	emit := func(at beam.EventTime, c record.Count) {
		assert.EqualValues(t, 0, at.Milliseconds())
		counts = append(counts, c)
	}
	before := progress.Records.Load()
	for range 2 { // a DoFn lives longer than its bundle
		fn.StartBundle(nil, nil, nil)
		for range 3 {
			require.NoError(t, fn.ProcessElement(context.Background(), fn.CreateTracker(fn.CreateInitialRestriction(f)),
				f, func([]record.Record) {}, nil))
		}
		fn.FinishBundle(nil, nil, emit)
	}
	fn.StartBundle(nil, nil, nil)
	fn.FinishBundle(nil, nil, emit)
	assert.Equal(t, []record.Count{{Records: 6}, {Records: 6}}, counts)
	assert.EqualValues(t, 12, progress.Records.Load()-before)
}

func TestRead(t *testing.T) {
	f, want := manyBlocks(t)
	dir := t.TempDir()
	zipped := gzipped(t, "z1\nz2\n")
	small := File{Path: write(t, dir, "b.jsonl.gz", zipped), Size: int64(len(zipped)), Compression: "gzip"}
	empty := File{Path: write(t, dir, "c.jsonl", ""), Size: 0}
	want = append(want, "0+2 z1", "3+2 z2")

	p, s := beam.NewPipelineWithRoot()
	for _, read := range []func(beam.Scope, []File) (records, counts beam.PCollection){Read, ReadSpread} {
		records, counts := read(s, []File{f, small, empty})
		passert.EqualsList(s, beam.ParDo(s, describeRecords, records), want)
		passert.Equals(s, stats.Sum(s, beam.ParDo(s, countOf, counts)), int64(len(want)))
	}
	ptest.RunAndValidate(t, p)
}
