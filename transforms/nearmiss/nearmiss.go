// Package nearmiss looks at records that did not count for fields and values that come
// close to the wanted ones: in another case, with underscores, in the plural, misspelt, or
// by another name that is usual. A run tells of them in the end, since its numbers may be
// believable and wrong.
//
// It looks at some records of a batch only, and knows nothing of what they came to. Package
// event has it look.
package nearmiss

import (
	"fmt"
	"slices"
	"strings"

	"adtoorder/io/progress"
	"adtoorder/transforms/ledger"

	"github.com/valyala/fastjson"
)

// Miss is what came close.
type Miss struct {
	Kind   Kind
	Wanted string // field
	Found  string // its path in the record; of a Shape, that shape's name
	Value  string // that came close to Promotion; "" where the name alone did
	Mend   string // lines of a map that mend it, with semicolons between; what to give for a Shape
}

// Kind is a kind of miss.
type Kind uint8

// The kinds of misses: a field or its value comes close, the record is one of the other
// stream, or it has the shape of another system, for which there is a map.
const (
	Field Kind = iota
	Swapped
	Shape
)

// String says what was found, in front of a number of records.
func (m Miss) String() string {
	switch {
	case m.Kind == Swapped:
		return "records are " + m.Found
	case m.Kind == Shape:
		return "records have the shape of " + m.Found
	case m.Value != "" && m.Found == m.Wanted:
		return fmt.Sprintf("%s %q comes close to \"Promotion\"", m.Found, m.Value)
	case m.Value != "":
		return fmt.Sprintf("%s %q comes close to %s \"Promotion\"", m.Found, m.Value, m.Wanted)
	}
	return fmt.Sprintf("%s comes close to %s", m.Found, m.Wanted)
}

// Finder looks at records of a stream. One goroutine may use it at a time.
type Finder struct {
	// Misses is in how many records each miss was found since it was last cleared, and
	// Looked how many were looked at.
	Misses map[Miss]int64
	Looked int64

	stream  string
	json    fastjson.Parser
	batches int
	seen    [2]int // records that were looked at, ever, by their kinds
	left    [2]int // records that may be looked at in this batch
}

// A finder looks at the first records, so that little input is looked at as a whole, and
// then at one of some batches, since looking takes some forty times as long as counting.
const (
	firstLooks = 100
	everyBatch = 4
	maxMisses  = 100      // different ones, since values come from outside
	maxPayload = 64 << 10 // bytes
	maxShown   = 60       // bytes of a path or a value
)

// New returns a finder for a stream.
func New(stream string) *Finder { return &Finder{stream: stream, Misses: map[Miss]int64{}} }

// Begin begins a batch.
func (f *Finder) Begin() {
	f.batches++
	for i := range f.left {
		f.left[i] = max(0, firstLooks-f.seen[i])
		if f.batches%everyBatch == 0 {
			f.left[i] = max(1, f.left[i])
		}
	}
}

// The kinds of records that are looked at: those that are events, and only lack an id, don't
// keep a finder from looking at others.
const (
	noEvents = iota
	events
)

// Wants reports whether not enough of the batch were looked at. It is asked of most
// records, and compiled into its caller.
func (f *Finder) Wants(isEvent bool) bool {
	if isEvent {
		return f.left[events] > 0
	}
	return f.left[noEvents] > 0
}

// LookAt looks at a record that is wanted.
func (f *Finder) LookAt(payload []byte, isEvent bool) {
	kind := noEvents
	if isEvent {
		kind = events
	}
	f.left[kind]--
	f.seen[kind]++
	f.look(payload, isEvent)
}

func (f *Finder) look(payload []byte, isEvent bool) {
	if len(payload) > maxPayload {
		return
	}
	v, err := f.json.ParseBytes(payload)
	if err != nil || v.Type() != fastjson.TypeObject {
		return
	}
	f.Looked++
	for _, m := range f.missesOf(v) {
		if isEvent && m.Wanted != clickID.field && m.Wanted != orderID.field {
			continue // it is an event without them
		}
		if _, known := f.Misses[m]; known || len(f.Misses) < maxMisses {
			f.Misses[m]++
		}
	}
}

// Tell tells this process's progress what was found since the last time.
func (f *Finder) Tell() {
	if f.Looked == 0 {
		return
	}
	found := map[progress.Miss]int64{}
	for m, records := range f.Misses {
		found[progress.Miss{Stream: f.stream, What: m.String(), Mend: m.Mend}] += records
	}
	progress.Look(f.stream, f.Looked, found)
	f.Looked = 0
	clear(f.Misses)
}

// Hint says what at least half of the records have that were looked at, "" where there is
// nothing: what a run can say before it has read more.
func (f *Finder) Hint() string {
	if f == nil {
		return ""
	}
	var hints []string
	for m, records := range f.Misses {
		if 2*records >= f.Looked {
			hints = append(hints, m.String())
		}
	}
	if len(hints) == 0 {
		return ""
	}
	slices.Sort(hints)
	return fmt.Sprintf("%s, at a first look: %s; the summary says more, and so does --preview", f.stream,
		strings.Join(hints, ", "))
}

// OfOther returns what is told of a stream's records that are those of the other one.
func OfOther(stream string) progress.Miss {
	return progress.Miss{Stream: stream, What: Miss{Kind: Swapped, Found: other(stream)}.String()}
}

// missesOf returns what comes close in a record.
func (f *Finder) missesOf(v *fastjson.Value) (misses []Miss) {
	found := f.find(v)
	switch {
	case found.shape != "":
		return []Miss{{Kind: Shape, Found: found.shape, Mend: "--" + f.stream + "_map " + found.shape}}
	case found.swapped:
		return []Miss{{Kind: Swapped, Found: other(f.stream)}}
	}
	for _, m := range found.matches {
		if m.wanted.key == recordUser.key || m.exact && m.value == "" {
			continue
		}
		misses = append(misses, Miss{Wanted: m.wanted.path(), Found: shown(found.pathOf(m)),
			Value: shown(m.value), Mend: strings.Join(m.mend(), "; ")})
	}
	return misses
}

func (f *Finder) find(v *fastjson.Value) finding {
	if f.stream == ledger.Orders {
		return order(v)
	}
	return click(v)
}

// other returns the other stream.
func other(stream string) string {
	if stream == ledger.Orders {
		return ledger.Clicks
	}
	return ledger.Orders
}

// pathOf returns the path of a match from the record.
func (f finding) pathOf(m match) string {
	if m.inLine {
		return f.linesAt + "[]." + m.path
	}
	return m.path
}

// path returns where a field is looked for.
func (w wanted) path() string {
	if w.ofLine {
		return orderLines.field + "[]." + w.field
	}
	return w.field
}

func shown(text string) string { return strings.ToValidUTF8(text[:min(len(text), maxShown)], "") }
