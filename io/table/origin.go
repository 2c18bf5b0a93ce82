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
}

// Source is a file that was read.
type Source struct {
	Stream string `json:"stream"`
	Path   string `json:"path"`
	Size   int64  `json:"bytes"`
	Sum    uint32 `json:"sum"` // of its start and end: tells another file of the same name and size
}

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
	if len(stored.Sources) == 0 {
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
	for _, was := range stored.Sources {
		if slices.Contains(o.Sources, was) {
			continue
		}
		if slices.ContainsFunc(o.Sources, func(is Source) bool {
			return is.Stream == was.Stream && is.Path == was.Path
		}) {
			return fmt.Sprintf("has rows from %s as it was before it changed", was.Path)
		}
		return fmt.Sprintf("has rows from other %s: %s", was.Stream, was.Path)
	}
	return ""
}

// With returns the origin of rows of which some come from o and some from stored.
func (o Origin) With(stored Origin) Origin {
	both := Origin{Window: o.Window, Format: o.Format, Layout: o.Layout, Flags: o.Flags,
		Sources: slices.Concat(o.Sources, stored.Sources)}
	slices.SortFunc(both.Sources, compareSources)
	both.Sources = slices.Compact(both.Sources)
	return both
}

func compareSources(a, b Source) int {
	return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Size, b.Size),
		cmp.Compare(a.Sum, b.Sum))
}
