package table

import (
	"cmp"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Origin is what rows were made from. Rows merge by max, which is only right
// for the same files or more of them; so files and warehouses remember their
// origin.
type Origin struct {
	Window  time.Duration `json:"window_ns"`
	Format  string        `json:"format,omitempty"` // of files
	Layout  string        `json:"layout,omitempty"` // of files: what one holds
	Sources []Source      `json:"sources"`          // ordered by stream and path
	// Flags say how records were read: values, or hashes of them, by the flags' names.
	Flags map[string]string `json:"flags,omitempty"`
	// Forgotten is what was forgotten of finished files; nil for nothing.
	Forgotten *Forgotten `json:"forgotten,omitempty"`
}

// Forgotten says that windows were removed for good.
type Forgotten struct {
	Before Time   `json:"before"` // the windows that begin before it
	State  string `json:"state,omitempty"`
	// Files are what the files that are no longer remembered had, by stream: what is
	// booked in 1970 is a sum over all files ever read.
	Files map[string]Found `json:"files,omitempty"`
}

// Add adds what a file had to those that are no longer remembered.
func (f *Forgotten) Add(s Source) {
	sum := f.Files[s.Stream]
	sum.Records += s.Found.Records
	sum.Undated = maps.Clone(sum.Undated)
	if sum.Undated == nil {
		sum.Undated = map[string]int64{}
	}
	for why, n := range s.Found.Undated {
		sum.Undated[why] += n
	}
	sum.Reached = []Span{}
	if f.Files == nil {
		f.Files = map[string]Found{}
	}
	f.Files[s.Stream] = sum
}

// Source is a file that was read, or a live source.
type Source struct {
	Stream string `json:"stream"`
	Path   string `json:"path"`
	Size   int64  `json:"bytes"`
	Sum    uint32 `json:"sum"` // of some of it: tells another file of the same name and size; 0 if not known
	State  string `json:"state,omitempty"`
	Found  *Found `json:"found,omitempty"` // in a finished file; nil where it is not known
}

// The states of a source whose rows may not all be there; "" says that they are.
const (
	Begun    = "begun"    // no run over it has ended yet
	Replaced = "replaced" // rows of windows that it reaches were removed for other input
)

// Found is what a finished file has.
type Found struct {
	Records int64 `json:"records"`
	// Undated are the records that are booked in 1970 and nowhere else: malformed ones
	// without a time that could be read, by their reasons, and those of forgotten windows.
	Undated map[string]int64 `json:"undated,omitempty"`
	Reached []Span           `json:"reached"` // by all other records, in order
}

// Span is a run of partitions of the lake that follow one another on one UTC date,
// half-open, and how many records are accounted for in their windows.
type Span struct {
	From    Time  `json:"from"`
	Until   Time  `json:"until"`
	Records int64 `json:"records"`
}

// Reaches reports whether the source may have records in the partition that starts at a
// time, in milliseconds since the Unix epoch.
func (s Source) Reaches(partition int64) bool {
	return s.Found == nil || slices.ContainsFunc(s.Found.Reached, func(in Span) bool {
		return in.From <= Time(partition) && Time(partition) < in.Until
	})
}

// Same reports whether another source is this one, unchanged as far as is known: engines
// did not look into the files of a bucket before.
func (s Source) Same(other Source) bool {
	return s.Names(other) && s.Size == other.Size && (s.Sum == other.Sum || s.Sum == 0 || other.Sum == 0)
}

// Names reports whether another source has this one's stream and path.
func (s Source) Names(other Source) bool { return s.Stream == other.Stream && s.Path == other.Path }

// Value implements driver.Valuer: warehouses keep an origin as JSON.
func (o Origin) Value() (driver.Value, error) {
	text, err := json.Marshal(o)
	return string(text), err
}

// Scan implements sql.Scanner.
func (o *Origin) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("an origin must be text, got %T", value)
	}
	return json.Unmarshal([]byte(text), o)
}

// Missing says why rows made from o must not be merged with rows made from
// stored: what stored was made from and o is not. It is "" where they may be.
func (o Origin) Missing(stored Origin) string {
	if differs := o.Differs(stored); differs != "" {
		return differs
	}
	for _, was := range stored.Sources {
		if slices.ContainsFunc(o.Sources, was.Same) {
			continue
		}
		if slices.ContainsFunc(o.Sources, was.Names) {
			return was.Changed()
		}
		return fmt.Sprintf("has rows from other %s: %s", was.Stream, was.Path)
	}
	return ""
}

// Changed says that a source is no longer what rows were made from.
func (s Source) Changed() string {
	return fmt.Sprintf("has rows from %s as it was before it changed", s.Path)
}

// Differs says why rows made from o must not be merged with rows made from stored,
// whatever the sources are. It is "" where they may be.
func (o Origin) Differs(stored Origin) string {
	if len(stored.Sources) == 0 && stored.Forgotten == nil {
		return ""
	}
	if o.Window != stored.Window {
		return fmt.Sprintf("has windows of %s, not of %s", stored.Window, o.Window)
	}
	if o.Format != stored.Format {
		return fmt.Sprintf("has %s files, not %s", stored.Format, o.Format)
	}
	for _, flags := range []map[string]string{o.Flags, stored.Flags} {
		for _, flag := range slices.Sorted(maps.Keys(flags)) {
			if o.Flags[flag] != stored.Flags[flag] {
				return fmt.Sprintf("has rows of records that were read with another --%s", flag)
			}
		}
	}
	return ""
}

// With returns the origin of rows of which some come from o and some from stored.
func (o Origin) With(stored Origin) Origin {
	both := Origin{Window: o.Window, Format: o.Format, Layout: o.Layout, Flags: o.Flags, Forgotten: o.Forgotten,
		Sources: slices.Concat(o.Sources, stored.Sources)}
	slices.SortStableFunc(both.Sources, compareSources)
	both.Sources = slices.CompactFunc(both.Sources, Source.Same)
	return both
}

func compareSources(a, b Source) int {
	return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Size, b.Size),
		cmp.Compare(a.Sum, b.Sum))
}
