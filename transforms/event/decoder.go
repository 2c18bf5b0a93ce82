package event

import (
	"adtoorder/io/record"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"
	"adtoorder/transforms/nearmiss"
)

// Decoder decodes a stream's records. One goroutine may use it at a time: all memory
// that it has, such as the names that it has seen, is its own, so that a program may
// run one per processor.
type Decoder[E any, P Event[E]] struct {
	// Tally is what was booked since it was last flushed.
	Tally ledger.Tally
	// Places is where the records of finished files among them are accounted for.
	Places ledger.Tally
	// Assumed is of how many records, other than malformed ones, it was assumed since it
	// was last cleared.
	Assumed [NumAssumptions]int64
	// Events is how many records were handed on as events since it was last cleared.
	Events int64
	// Near looks at records that are no events, or have no id; nil for none.
	Near       *nearmiss.Finder
	classifier classifier
	parser     *parser
	event      E // the one that is handed on, again and again
}

// Event is a pointer to a Click or an Order.
type Event[E any] interface {
	*E
	// parse fills the event from a record. The time is set wherever it is known.
	parse(p *parser, r record.Record) parsed
	// scan does what parse does, or says that the record isn't usual; then what it has
	// filled in means nothing.
	scan(p *parser, r *record.Record) (result parsed, usual bool)
	// parseMapped is parse by the parser's map.
	parseMapped(p *parser, r record.Record) parsed
	setLate(late bool)
}

// NewClicks returns a decoder of the stream of clicks.
func NewClicks(w window.Policy) *Decoder[Click, *Click] {
	return newDecoder[Click](classifier{Stream: ledger.Clicks, Windows: w})
}

// NewOrders returns a decoder of the stream of orders.
func NewOrders(w window.Policy) *Decoder[Order, *Order] {
	return newDecoder[Order](classifier{Stream: ledger.Orders, Windows: w})
}

func newDecoder[E any, P Event[E]](c classifier) *Decoder[E, P] {
	return &Decoder[E, P]{classifier: c, parser: newParser(), Near: nearmiss.New(c.Stream)}
}

// ReadBy has records read otherwise than as our own, in UTC. What comes close to our own
// fields is not looked for where a map says which are meant.
func (d *Decoder[E, P]) ReadBy(by Reading) error {
	if by.Map != "" {
		d.Near = nil
	}
	return d.parser.readBy(by)
}

// Describe says what was assumed of so many Timestamps, behind their number.
func (d *Decoder[E, P]) Describe(a Assumption) string {
	if a == NoZone && d.parser.zone != nil {
		return "without a zone, taken as " + d.parser.zone.String()
	}
	return a.String()
}

// Decode decodes a batch. It calls use for each event and reject for each record that
// becomes a reject, in their order, and books what does not become an event on Tally.
// The event and the memory that it points to are valid during the call only; a reject
// stays valid. Records of finished files are left out whose window the policy doesn't
// hold.
func (d *Decoder[E, P]) Decode(batch []record.Record, use func(*E), reject func(Reject)) {
	event, windows := P(&d.event), d.classifier.Windows
	placing := placing{stream: d.classifier.Stream, windows: windows, tally: &d.Places}
	defer placing.flush()
	if d.Near != nil {
		d.Near.Begin()
	}
	for i := range batch {
		r := &batch[i]
		var p parsed
		if d.parser.mapped != nil {
			p = event.parseMapped(d.parser, *r)
		} else if scanned, usual := event.scan(d.parser, r); usual {
			p = scanned
		} else {
			p = event.parse(d.parser, *r)
		}
		if !r.Unbounded() {
			start := windows.StartOf(p.time)
			isForgotten := start < windows.Forgotten && !p.undated()
			if isForgotten {
				start = 0
			}
			if !windows.Holds(start) {
				continue
			}
			placing.add(r.Source, start, p, isForgotten)
			if isForgotten {
				d.Tally.Add(0, ledger.Entry{Stream: d.classifier.Stream, Outcome: ledger.BeforeStart})
				continue
			}
		}
		if p.assumed != NothingAssumed && p.reason == "" {
			d.Assumed[p.assumed]++
		}
		isEvent := d.classifier.classify(*r, p, &d.Tally, reject)
		if d.Near != nil && (!isEvent || d.parser.noID) && d.Near.Wants(isEvent) {
			d.Near.LookAt(r.Payload, isEvent)
		}
		if isEvent {
			d.Events++
			event.setLate(windows.Ended(p.time, r.Watermark))
			use(&d.event)
		}
	}
}
