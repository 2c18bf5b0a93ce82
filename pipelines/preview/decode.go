package preview

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"
	"adtoorder/transforms/nearmiss"
)

// outcome is what became of some records.
type outcome struct {
	ledger.Entry
	records  int
	examples []example
}

// example is a record beside what was made of it.
type example struct {
	record.Record
	made string
}

// maxExamples is how many records of an outcome are shown.
const maxExamples = 2

// decoded is what became of a stream's records.
type decoded struct {
	outcomes []outcome // those of the most records first
	near     *nearmiss.Finder
	assumed  map[string]int64 // of how many Timestamps, by what it was
}

// decode decodes records, one after another.
func decode(
	stream string, windows window.Policy, by event.Reading, records []record.Record,
) (decoded, error) {
	if stream == ledger.Orders {
		seen := map[string]bool{}
		return decodeAll(event.NewOrders(windows), stream, by, records, func(o *event.Order) (string, bool) {
			key := fmt.Sprint(o.ID, o.Piece, windows.StartOf(o.Time))
			again := o.ID != (event.ID{}) && seen[key]
			seen[key] = true
			return aboutOrder(o), again
		})
	}
	seen := map[string]bool{}
	return decodeAll(event.NewClicks(windows), stream, by, records, func(c *event.Click) (string, bool) {
		key := fmt.Sprint(c.ID, windows.StartOf(c.Time), c.Promotion)
		again := c.ID != (event.ID{}) && seen[key]
		seen[key] = true
		return fmt.Sprintf("a click on %q at %s%s", c.Promotion, timeOf(c.Time), withID(c.ID)), again
	})
}

// decodeAll is decode for either kind of event. about says what an event is, and whether
// its id came before.
func decodeAll[E any, P event.Event[E]](
	d *event.Decoder[E, P], stream string, by event.Reading, records []record.Record, about func(*E) (string, bool),
) (decoded, error) {
	if err := d.ReadBy(by); err != nil {
		return decoded{}, err
	}
	all := map[ledger.Entry]*outcome{}
	for i := range records {
		entry, made := ledger.Entry{Stream: stream, Outcome: ledger.Counted}, ""
		d.Decode(records[i:i+1], func(e *E) {
			text, again := about(e)
			if made = text; again {
				entry.Outcome = ledger.Duplicate
			}
		}, func(event.Reject) {})
		for booked := range d.Tally.Entries() {
			entry = booked
		}
		d.Tally = ledger.Tally{}
		if all[entry] == nil {
			all[entry] = &outcome{Entry: entry}
		}
		all[entry].note(example{records[i], made})
	}
	return decoded{sorted(all), d.Near, assumed(d)}, nil
}

func (o *outcome) note(e example) {
	if o.records++; len(o.examples) < maxExamples {
		o.examples = append(o.examples, e)
	}
}

func sorted(all map[ledger.Entry]*outcome) (outcomes []outcome) {
	for _, o := range all {
		outcomes = append(outcomes, *o)
	}
	slices.SortFunc(outcomes, func(a, b outcome) int {
		return cmp.Or(cmp.Compare(b.records, a.records), strings.Compare(a.name(), b.name()))
	})
	return outcomes
}

// name returns the outcome, and the reason if there is one.
func (o outcome) name() string {
	if o.Reason == "" {
		return o.Outcome
	}
	return o.Outcome + ", " + o.Reason
}

func assumed[E any, P event.Event[E]](d *event.Decoder[E, P]) map[string]int64 {
	all := map[string]int64{}
	for a, n := range d.Assumed {
		if n > 0 {
			all[d.Describe(event.Assumption(a))] = n
		}
	}
	return all
}

func aboutOrder(o *event.Order) string {
	var parts []string
	for _, p := range o.Parts {
		parts = append(parts, fmt.Sprintf("%q %d units for %d.%02d", p.Promotion, p.Units, p.RevenueMicros/1e6,
			p.RevenueMicros%1e6/1e4))
	}
	return fmt.Sprintf("an order of %s at %s%s", strings.Join(parts, " and "), timeOf(o.Time), withID(o.ID))
}

func timeOf(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

func withID(id event.ID) string {
	if id == (event.ID{}) {
		return ", without an id"
	}
	return ""
}
