package event

import (
	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"
	"adtoorder/transforms/nearmiss"
)

// Seen is an event of either stream, as one sees it who looks at files before a run.
type Seen struct {
	Time       int64 // milliseconds since the Unix epoch
	ID         ID
	Promotion  string // the first, of an order
	Promotions int64
}

// Look decodes a stream's records for those who look at files before a run. One goroutine
// may use it at a time.
type Look struct {
	// Decode calls use for each event of a batch.
	Decode func(batch []record.Record, use func(Seen))
	// Tally is what became of the others, and Places where all are accounted for.
	Tally, Places *ledger.Tally
	// Near has what came close to what is looked for; nil where a map says what is meant.
	Near *nearmiss.Finder
}

// NewLook returns a look at a stream, whose records are read in some way.
func NewLook(stream string, w window.Policy, by Reading) (Look, error) {
	if stream == ledger.Orders {
		return lookBy(NewOrders(w), by, func(o *Order) Seen {
			return Seen{o.Time, o.ID, o.Parts[0].Promotion, int64(len(o.Parts))}
		})
	}
	return lookBy(NewClicks(w), by, func(c *Click) Seen { return Seen{c.Time, c.ID, c.Promotion, 1} })
}

func lookBy[E any, P Event[E]](d *Decoder[E, P], by Reading, see func(*E) Seen) (Look, error) {
	if err := d.ReadBy(by); err != nil {
		return Look{}, err
	}
	return Look{
		Decode: func(batch []record.Record, use func(Seen)) {
			d.Decode(batch, func(e *E) { use(see(e)) }, func(Reject) {})
		},
		Tally: &d.Tally, Places: &d.Places, Near: d.Near,
	}, nil
}
