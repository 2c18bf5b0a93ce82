package unbounded

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"adtoorder/io/record"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStamp(t *testing.T) {
	for name, test := range map[string]struct {
		before int64 // the partition's watermark
		times  []int64
		want   []int64
	}{
		"none":                    {before: 70, times: nil, want: nil},
		"each with its own time":  {times: []int64{100, 130, 150}, want: []int64{90, 120, 140}},
		"never back":              {times: []int64{100, 50, 99, 101}, want: []int64{90, 90, 90, 91}},
		"never before the last":   {before: 95, times: []int64{100, 106}, want: []int64{95, 96}},
		"never ahead of the time": {times: []int64{900, 1000, 1001, 5000, 100}, want: []int64{890, 990, 990, 990, 990}},
		"never below 0":           {times: []int64{3}, want: []int64{0}},
	} {
		t.Run(name, func(t *testing.T) {
			p := PartitionState{Watermark: test.before}
			var records []record.Record
			for _, at := range test.times {
				records = append(records, record.Record{Time: at})
			}
			p.stamp(records, 1000, 10)
			var got []int64
			for i, r := range records {
				assert.Equal(t, test.times[i], r.Time)
				got = append(got, r.Watermark)
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, max(test.before, last(got)), p.Watermark)
		})
	}
}

// The out-of-orderness is 10, and now is 1000.
func TestASourceWithoutAnOrderCatchesUp(t *testing.T) {
	fresh, silent := []int64{990, 999}, time.UnixMilli(1000)
	of := func(oldest int64, delay time.Duration) *Backlog {
		return &Backlog{oldest, delay*time.Millisecond + pollSlack}
	}
	for name, test := range map[string]struct {
		batch Batch
		times []int64
		want  []int64
		after int64 // the partition's watermark, which was 500
	}{
		"in order":              {Batch{}, fresh, []int64{980, 989}, 989},
		"in order, silent":      {Batch{End: silent}, nil, nil, 990},
		"the beginning":         {Batch{Backlog: &Backlog{Delay: UnknownDelay}}, fresh, []int64{500, 500}, 500},
		"the beginning, silent": {Batch{Backlog: &Backlog{Delay: UnknownDelay}, End: silent}, nil, nil, 500},
		"old ones after a fresh one": {Batch{Backlog: of(600, 400)}, []int64{999, 600, 700}, []int64{590, 590, 590},
			590},
		"a fresh one after old ones":    {Batch{Backlog: of(600, 400)}, []int64{999}, []int64{590}, 590},
		"ones older than the watermark": {Batch{Backlog: of(100, 900)}, []int64{999, 100}, []int64{500, 500}, 500},
		"silent after old ones":         {Batch{Backlog: of(600, 400), End: silent}, nil, nil, 590},
		"a clock that is behind":        {Batch{Backlog: of(2000, 20)}, []int64{2000}, []int64{990}, 990},
		"caught up":                     {Batch{Backlog: of(990, 10)}, fresh, []int64{980, 989}, 989},
		"just not caught up":            {Batch{Backlog: of(989, 11)}, fresh, []int64{979, 979}, 979},
		"caught up, silent":             {Batch{Backlog: of(0, 0), End: silent}, nil, nil, 990},
		"caught up, silence not confirmed": {Batch{Backlog: of(0, 0)}, nil, nil,
			500},
	} {
		t.Run(name, func(t *testing.T) {
			p := PartitionState{Watermark: 500}
			for _, at := range test.times {
				test.batch.Records = append(test.batch.Records, record.Record{Time: at})
			}
			p.follow(test.batch, 1000, 10)
			var got []int64
			for _, r := range test.batch.Records {
				got = append(got, r.Watermark)
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.after, p.Watermark)
		})
	}
}

func last(watermarks []int64) int64 {
	if len(watermarks) == 0 {
		return 0
	}
	return watermarks[len(watermarks)-1]
}

func TestWatermarkIsTheLeast(t *testing.T) {
	for name, test := range map[string]struct {
		listed int64
		parts  []int64
		want   int64
	}{
		"nothing listed yet":             {0, nil, 0},
		"no partitions":                  {1000, nil, 990},
		"one":                            {1000, []int64{500}, 500},
		"the least":                      {1000, []int64{500, 300, 400}, 300},
		"one that has read nothing":      {1000, []int64{500, 0}, 0},
		"not later than the listing":     {1000, []int64{995, 991}, 990},
		"listed in the epoch's first ms": {5, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := Restriction{Listed: test.listed, Readers: 1}
			for _, ms := range test.parts {
				r.Partitions = append(r.Partitions, PartitionState{Watermark: ms})
			}
			assert.Equal(t, test.want, r.watermark(10))
		})
	}
}

// listing returns partitions: "c<a,b" is c, whose parents are a and b.
func listing(texts ...string) (all []Partition) {
	for _, text := range texts {
		name, parents, _ := bytes.Cut([]byte(text), []byte("<"))
		p := Partition{Name: string(name)}
		for _, parent := range bytes.FieldsFunc(parents, func(r rune) bool { return r == ',' }) {
			p.Parents = append(p.Parents, string(parent))
		}
		all = append(all, p)
	}
	return all
}

func TestAdopt(t *testing.T) {
	for name, test := range map[string]struct {
		read, done, listed  []string
		turn, waiting, left []string // left of done
	}{
		"nothing":      {},
		"all at first": {listed: []string{"a", "b"}, turn: []string{"a", "b"}},
		"what is read already": {read: []string{"a"}, listed: []string{"a", "b"},
			turn: []string{"b"}},
		"what is done":  {done: []string{"a"}, listed: []string{"a"}, left: []string{"a"}},
		"parents first": {listed: []string{"c<b", "b<a", "a"}, turn: []string{"a"}, waiting: []string{"c<b", "b<a"}},
		"then children": {done: []string{"a"}, listed: []string{"a", "b<a", "c<b"}, turn: []string{"b"},
			waiting: []string{"c<b"}, left: []string{"a"}},
		"a split": {done: []string{"a"}, listed: []string{"a", "b<a", "c<a"}, turn: []string{"b", "c"},
			left: []string{"a"}},
		"half of a merge": {read: []string{"b"}, done: []string{"a"}, listed: []string{"a", "b", "c<a,b"},
			waiting: []string{"c"}, left: []string{"a"}},
		"a merge's other half": {read: []string{"a"}, done: []string{"b"}, listed: []string{"a", "b", "c<a,b"},
			waiting: []string{"c"}, left: []string{"b"}},
		"a whole merge": {done: []string{"a", "b"}, listed: []string{"a", "b", "c<a,b"}, turn: []string{"c"},
			left: []string{"a", "b"}},
		"a parent long gone": {listed: []string{"b<a"}, turn: []string{"b"}},
		"done and forgotten": {done: []string{"a", "b"}, listed: []string{"b", "c<a,b"}, turn: []string{"c"},
			left: []string{"b"}},
		"one parent gone":     {read: []string{"b"}, listed: []string{"b", "c<a,b"}, waiting: []string{"c"}},
		"read but not listed": {read: []string{"a"}, listed: []string{"b<a"}, turn: []string{"b"}},
		"an empty listing":    {read: []string{"a"}, done: []string{"b"}},
		"grandparents are done": {done: []string{"a", "b"}, listed: []string{"a", "b<a", "c<b"}, turn: []string{"c"},
			left: []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := Restriction{Readers: 1, Done: test.done}
			for _, name := range test.read {
				r.Partitions = append(r.Partitions, PartitionState{Name: name})
			}
			turn, waiting := r.adopt(listing(test.listed...))
			assert.Equal(t, test.turn, turn)
			assert.Equal(t, names(listing(test.waiting...)), waiting)
			assert.ElementsMatch(t, test.left, r.Done)
		})
	}
}

func names(partitions []Partition) (all []string) {
	for _, p := range partitions {
		all = append(all, p.Name)
	}
	return all
}

// descent returns random partitions, with parents that are up to 15 before, and
// each one's first ancestor.
func descent(random *rand.Rand, n int) (all []Partition, first map[string]string) {
	first = map[string]string{}
	before := func(i int) string { return all[i-1-random.IntN(min(i, 15))].Name }
	for i := range n {
		p := Partition{Name: fmt.Sprint("shard-", i)}
		first[p.Name] = p.Name
		if i > 3 && random.IntN(3) > 0 {
			p.Parents = []string{before(i)}
			first[p.Name] = first[p.Parents[0]]
			if random.IntN(3) == 0 { // a merge
				p.Parents = append(p.Parents, before(i))
			}
		}
		all = append(all, p)
	}
	return all, first
}

func TestEveryPartitionHasOneOwner(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		all, first := descent(random, 60)
		readers := make([]Restriction, 2+random.IntN(4))
		for i := range readers {
			readers[i] = Restriction{Index: i, Readers: len(readers)}
		}
		lines, used := map[string]int{}, map[int]bool{} // owners of first ancestors
		// The newest are listed for the first time, the oldest no longer.
		for start, end := 0, 20; end <= len(all); start, end = start+random.IntN(6), end+5 {
			for i := range readers {
				readers[i].adopt(all[start:end])
				require.Equal(t, readers[0].Owners, readers[i].Owners)
			}
			require.Len(t, readers[0].Owners, end-start)
			for name, owner := range readers[0].Owners {
				require.Less(t, owner, len(readers))
				if before, ok := lines[first[name]]; ok {
					require.Equal(t, before, owner, "%s has left its line", name)
				}
				lines[first[name]], used[owner] = owner, true
			}
		}
		assert.Greater(t, len(used), 1, "one reader has all partitions")
	}
}

// A reader that has not read a partition's parents when they expire still reads
// the partition, and no other does.
func TestChildrenOfExpiredParentsAreReadOnce(t *testing.T) {
	for lines := range 20 { // so that each reader has one
		a, b, c := fmt.Sprint("a", lines), fmt.Sprint("b", lines), fmt.Sprint("c", lines)
		readers := []Restriction{{Index: 0, Readers: 2}, {Index: 1, Readers: 2}}
		take := func(texts ...string) (taken []string) {
			for i := range readers {
				turn, _ := readers[i].adopt(listing(texts...))
				for _, name := range turn {
					readers[i].Partitions = append(readers[i].Partitions, PartitionState{Name: name})
					taken = append(taken, fmt.Sprint(i, name))
				}
			}
			return taken
		}
		owner := fmt.Sprint(readers[0].owner(nil, Partition{Name: a}))
		assert.Equal(t, []string{owner + a}, take(a, b+"<"+a, c+"<"+b))
		assert.Equal(t, []string{owner + b}, take(b+"<"+a, c+"<"+b))
		assert.Equal(t, []string{owner + c}, take(c+"<"+b))
		assert.Empty(t, take(c+"<"+b))
	}
}

func TestRestrictionTravelsWhole(t *testing.T) {
	for name, r := range map[string]Restriction{
		"first": {Readers: 1},
		"last":  {},
		"busy": {Index: 1, Readers: 3, Partitions: []PartitionState{{"a", "17", 4_000_000_000_000, true}, {Name: "b"}},
			Done:    []string{"c"},
			Waiting: []string{"d"}, Owners: map[string]int{"a": 1, "b": 1, "c": 1, "e": 0}, Listed: 5_000_000_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			var wire bytes.Buffer
			of := reflect.TypeFor[Restriction]()
			require.NoError(t, beam.NewElementEncoder(of).Encode(r, &wire))
			got, err := beam.NewElementDecoder(of).Decode(&wire)
			require.NoError(t, err)
			assert.EqualExportedValues(t, r, got)
		})
	}
}

// The state of a version that named things otherwise must not read as nothing that is left.
func TestARestrictionOfAnotherVersionIsRefused(t *testing.T) {
	_, err := decodeRestriction([]byte(`{"Index":0,"Of":1,"Parts":[]}`))
	assert.ErrorContains(t, err, "decoding how far a source was read")
}
