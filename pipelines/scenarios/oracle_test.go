package scenarios

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"adtoorder/io/record"
	"adtoorder/io/table"
	"adtoorder/pipelines/engine"
)

// inputLine is a line of a test's input, without its line end.
type inputLine struct {
	stream, path string
	offset       int64
	text         []byte
	broker       int64  // ms; 0 in a finished file
	message      string // id that its source gives it, where it may come again
}

// liveRules are what the oracle is told of a live run; lines of a path come in
// their order there.
type liveRules struct {
	lateness, outOfOrderness, start int64 // ms
	// oldest has the least broker time, ms, that came with a message, where the
	// source has no order and is catching up.
	oldest map[string]int64
}

// oracle computes a run's rows the straightforward way: all records in memory,
// one after another, with the standard library alone.
type oracle struct {
	window int64 // ms
	clicks map[cell]map[string]bool
	orders map[cell]map[string]amounts
	booked map[cell]map[string]bool            // orders, on the smallest of their promotions
	late   map[string]map[cell]map[string]bool // by stream: ids of which a record was late
	ledger map[engine.LedgerRow]int64          // by rows without their number
	reject []engine.RejectRow

	live       liveRules
	watermarks map[string]int64 // by path
	line       inputLine        // the one that is being looked at
	watermark  int64            // that it carries
}

// cell is a window's start and a promotion.
type cell struct {
	start     int64
	promotion string
}

// amounts are what an order holds of a promotion.
type amounts struct{ lines, units, micros int64 }

// expect returns the rows that a run over lines must leave.
func expect(window time.Duration, lines []inputLine) results {
	return expectLive(window, liveRules{}, lines)
}

// expectLive returns the rows that a live run must leave.
func expectLive(window time.Duration, live liveRules, lines []inputLine) results {
	o := &oracle{window: window.Milliseconds(), clicks: map[cell]map[string]bool{},
		orders: map[cell]map[string]amounts{},
		booked: map[cell]map[string]bool{}, late: map[string]map[cell]map[string]bool{"clicks": {}, "orders": {}},
		ledger: map[engine.LedgerRow]int64{}, live: live, watermarks: map[string]int64{}}
	for i, l := range lines {
		if len(l.text) == 0 {
			continue
		}
		key := l.stream + l.path
		newest := l.broker
		if oldest, ok := live.oldest[l.message]; ok {
			newest = oldest
		}
		o.watermarks[key] = max(o.watermarks[key], newest-live.outOfOrderness)
		o.line, o.watermark = l, o.watermarks[key]
		o.book(o.bookedAt(0), l.stream, "read", "", "")
		anonymous := "line " + strconv.Itoa(i) // can't be an id: those have a prefix
		if l.message != "" {
			anonymous = "message " + l.path + " " + l.message
		}
		at, reason := o.record(l, anonymous)
		if reason != "" {
			o.refuse(at, "malformed", reason)
		}
	}
	return o.rows()
}

// bookedAt is where a record is booked that is not counted: at its event time,
// where it is live at the later of broker time and watermark.
func (o *oracle) bookedAt(at int64) int64 {
	if o.line.broker > 0 {
		return max(o.line.broker, o.watermark)
	}
	return at
}

// refuse books and files a record with its payload.
func (o *oracle) refuse(at int64, outcome, reason string) {
	o.book(o.bookedAt(at), o.line.stream, outcome, reason, "")
	o.keep(at, outcome, reason, record.MaxKept)
}

// leaveOut books a record of no promotion, and files it as a sample if it is one of the
// first of a file or partition. Where positions don't count it isn't known here.
func (o *oracle) leaveOut(at int64) {
	o.book(o.bookedAt(at), o.line.stream, "not_promotion", "", "")
	first := int64(4096)
	if strings.HasPrefix(o.line.path, "kafka:") {
		first = 40
	}
	if o.line.message == "" && o.line.offset < first {
		o.keep(at, "not_promotion", "", 4096)
	}
}

// keep files a record with what is kept of its payload.
func (o *oracle) keep(at int64, outcome, reason string, most int) {
	l := o.line
	kept := l.text[:min(len(l.text), most)]
	o.reject = append(o.reject, engine.RejectRow{
		Stream: l.stream, Source: l.path, Position: cmp.Or(l.message, strconv.FormatInt(l.offset, 10)),
		Time: table.Time(o.bookedAt(at)), Outcome: outcome, Reason: reason, Payload: kept, Cut: len(kept) < len(l.text),
	})
}

// outside tells whether a live event's window is not written, and books it.
func (o *oracle) outside(at int64) bool {
	start := at / o.window * o.window
	switch {
	case o.line.broker == 0:
		return false
	case start < o.live.start:
		o.book(o.bookedAt(at), o.line.stream, "before_start", "", "")
	case start+o.window+o.live.lateness <= o.watermark:
		o.refuse(at, "too_late", "")
	default:
		return false
	}
	return true
}

// future tells whether a live event is more than a day ahead.
func (o *oracle) future(at int64) bool {
	return o.line.broker > 0 && at-o.line.broker > 24*60*60*1000
}

func (o *oracle) book(at int64, stream, outcome, reason, promotion string) {
	o.ledger[engine.LedgerRow{WindowStart: table.Time(at / o.window * o.window), Stream: stream, Outcome: outcome,
		Reason: reason, Promotion: promotion}]++
}

// record counts a record, or returns why it is malformed, and the time that it
// is booked at.
func (o *oracle) record(l inputLine, anonymous string) (at int64, reason string) {
	switch {
	case len(l.text) > record.MaxSize:
		return 0, "too_long"
	case !utf8.Valid(l.text):
		return 0, "invalid_utf8"
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(l.text, &fields) != nil || fields == nil {
		return 0, "not_json_object"
	}
	at, reason = timeOf(fields["Timestamp"])
	if wrong := wrongType(l.stream, fields); wrong != "" {
		return at, "wrong_type: " + wrong
	}
	if reason != "" {
		return at, reason
	}
	if l.stream == "clicks" {
		return at, o.click(at, fields, anonymous)
	}
	return at, o.order(at, fields, anonymous)
}

func (o *oracle) click(at int64, fields map[string]json.RawMessage, id string) (reason string) {
	promotion, other := text(fields["Event"]), text(fields["EventType"]) != "Promotion"
	switch {
	case !other && promotion == "":
		return "no_event"
	case o.future(at):
		return "future"
	case other:
		o.leaveOut(at)
		return ""
	case o.outside(at):
		return ""
	}
	if given := scalar(fields["EventId"]); given != "" {
		id = "id " + given
	}
	o.see(o.clicks, at, "clicks", promotion, id)
	return ""
}

// see notes an id, and books its record as counted or as a duplicate.
func (o *oracle) see(ids map[cell]map[string]bool, at int64, stream, promotion, id string) {
	c := cell{at / o.window * o.window, promotion}
	if ids[c] == nil {
		ids[c] = map[string]bool{}
	}
	outcome := "counted"
	if ids[c][id] {
		outcome = "duplicate"
	}
	ids[c][id] = true
	o.book(at, stream, outcome, "", promotion)
	if stream == "clicks" {
		o.seeLate(stream, c, id)
	}
}

// seeLate notes an id of which a record came after its window's end.
func (o *oracle) seeLate(stream string, c cell, id string) {
	if o.line.broker == 0 || o.watermark < c.start+o.window {
		return
	}
	if o.late[stream][c] == nil {
		o.late[stream][c] = map[string]bool{}
	}
	o.late[stream][c][id] = true
}

func (o *oracle) order(at int64, fields map[string]json.RawMessage, id string) (reason string) {
	if absent(fields["OrderLines"]) {
		return "no_order_lines"
	}
	parts, reason := partsOf(fields["OrderLines"])
	if reason != "" {
		return reason
	}
	switch {
	case o.future(at):
		return "future"
	case len(parts) == 0:
		o.leaveOut(at)
		return ""
	case o.outside(at):
		return ""
	}
	if given := scalar(fields["OrderId"]); given != "" {
		id = "id " + given
	}
	for i, promotion := range slices.Sorted(maps.Keys(parts)) {
		c := cell{at / o.window * o.window, promotion}
		if o.orders[c] == nil {
			o.orders[c] = map[string]amounts{}
		}
		was, new := o.orders[c][id], parts[promotion]
		o.orders[c][id] = amounts{max(was.lines, new.lines), max(was.units, new.units), max(was.micros, new.micros)}
		o.seeLate("orders", c, id)
		if i == 0 {
			o.see(o.booked, at, "orders", promotion, id)
		}
	}
	return ""
}
