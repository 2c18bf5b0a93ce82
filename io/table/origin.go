package table

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Origin is what rows were made from. Rows merge by max, which is only right
// for the same or more input; so files and warehouses remember their origin.
type Origin struct {
	Window  time.Duration `json:"window_ns"`
	Format  string        `json:"format,omitempty"` // of files
	Sources []Source      `json:"sources"`          // ordered by stream and path
}

// Source is a file that was read.
type Source struct {
	Stream string `json:"stream"`
	Path   string `json:"path"`
	Size   int64  `json:"bytes"`
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
	for _, was := range stored.Sources {
		i, found := slices.BinarySearchFunc(o.Sources, was, compareSources)
		if !found {
			return fmt.Sprintf("has rows from other %s: %s", was.Stream, was.Path)
		}
		if is := o.Sources[i]; is.Size < was.Size {
			return fmt.Sprintf("has rows from %s when it had %d bytes; it has %d now", was.Path, was.Size, is.Size)
		}
	}
	return ""
}

// With returns the origin of rows of which some come from o and some from stored.
func (o Origin) With(stored Origin) Origin {
	both := Origin{Window: o.Window, Format: o.Format, Sources: slices.Concat(o.Sources, stored.Sources)}
	slices.SortStableFunc(both.Sources, compareSources)
	both.Sources = slices.CompactFunc(both.Sources, func(a, b Source) bool { return compareSources(a, b) == 0 })
	return both
}

func compareSources(a, b Source) int {
	if order := strings.Compare(a.Stream, b.Stream); order != 0 {
		return order
	}
	return strings.Compare(a.Path, b.Path)
}
