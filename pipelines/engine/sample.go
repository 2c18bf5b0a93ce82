package engine

import (
	"context"
	"math"
	"time"

	"adtoorder/io/files"
	"adtoorder/io/progress"
	"adtoorder/io/storage"
	"adtoorder/transforms/event"
	"adtoorder/transforms/nearmiss"
)

// traits are what a sample of finished files tells of the whole.
type traits struct {
	records     float64         // of all files
	events, ids int64           // of the sample: clicks and orders, and those of them that have an id
	promotions  map[string]bool // of the sample
	first, last int64           // event times of the sample, milliseconds since the Unix epoch
}

// sampledParts is how many places of a stream's files are looked at, at most.
const sampledParts = 64

// sample looks at a block of records in some places of all finished files.
func (o Options) sample(ctx context.Context) (traits, error) {
	t := traits{promotions: map[string]bool{}, first: math.MaxInt64}
	var st storage.Storage
	defer st.Close()
	var near []*nearmiss.Finder
	for _, in := range o.streams() {
		parts := in.parts()
		var text, records, all int64 // bytes and records of the sample; bytes of all files
		look, err := event.NewLook(in.name, o.Windows(), o.reading(in.name))
		if err != nil {
			return t, err
		}
		near = append(near, look.Near)
		every := 1 + len(parts)/sampledParts
		for i, part := range parts {
			all += part.TextSize()
			if i%every > 0 {
				continue
			}
			batch, err := files.First(ctx, &st, part)
			if err != nil {
				return t, err
			}
			look.Decode(batch, t.note)
			records += int64(len(batch))
			for _, r := range batch {
				text += r.Size + 1
			}
		}
		t.records += float64(all) * float64(records) / float64(max(1, text))
	}
	for _, finder := range near {
		if hint := finder.Hint(); hint != "" {
			progress.Problem(ctx, hint)
		}
	}
	return t, nil
}

// note notes an event.
func (t *traits) note(e event.Seen) {
	t.first, t.last = min(t.first, e.Time), max(t.last, e.Time)
	t.promotions[e.Promotion] = true
	t.events++
	if e.ID != (event.ID{}) {
		t.ids++
	}
}

// weight is what event time of so many windows, with so many records, weighs on memory:
// its rows, and its ids as shares of a row.
func (t traits) weight(windows, records float64) float64 {
	rows := min(records, windows*float64(len(t.promotions)))
	return rows + records*float64(t.ids)/float64(max(1, t.events))/idsPerRow
}

// total is what all of the input weighs. Its span may be longer than a time.Duration holds.
func (t traits) total(partition, window time.Duration) float64 {
	span := max(t.last-t.first, partition.Milliseconds())
	return t.weight(float64(span)/float64(window.Milliseconds()), t.records)
}

// maxGroupIDs is how many ids a group of a batch on Flink has, as far as they come evenly:
// Beam's runner (2.62) makes one element of all that a group has of a key, in several
// copies in a TaskManager's heap. All may be of one promotion, and so of one key.
const maxGroupIDs = 1_000_000

// group is how much event time is grouped at once on Flink: a partition, or a part that
// divides it where it has many ids.
func (t traits) group(partition time.Duration) time.Duration {
	span := max(time.Duration(t.last-t.first)*time.Millisecond, time.Minute)
	ids := t.records * float64(t.ids) / float64(max(1, t.events)) * partition.Seconds() / span.Seconds()
	for _, parts := range []time.Duration{1, 2, 3, 4, 6, 12, 20, 30} {
		if ids <= maxGroupIDs*float64(parts) {
			return partition / parts
		}
	}
	return partition / 60
}
