package event

import (
	"adtoorder/io/record"
	"adtoorder/transforms/ledger"
)

// Times returns a function that appends, for each record of a stream's finished file, the
// time at which it is accounted for: its event time where that is known, otherwise 0, in
// milliseconds since the Unix epoch. One goroutine may use it at a time.
func Times(stream string, by Reading) (func(times []int64, batch []record.Record) []int64, error) {
	p := newParser()
	if err := p.readBy(by); err != nil {
		return nil, err
	}
	timeOf := p.orderTime
	if stream == ledger.Clicks {
		timeOf = p.clickTime
	}
	return func(times []int64, batch []record.Record) []int64 {
		for i := range batch {
			times = append(times, timeOf(&batch[i]))
		}
		return times
	}, nil
}

func (p *parser) clickTime(r *record.Record) int64 {
	if p.mapped != nil {
		return p.mappedTimeOf(r)
	}
	var texts clickTexts
	if time, _, usual := p.scanClick(r, &texts); usual {
		return time
	}
	return new(Click).parse(p, *r).time
}

func (p *parser) orderTime(r *record.Record) int64 {
	if p.mapped != nil {
		return p.mappedTimeOf(r)
	}
	if _, time, _, usual := p.scanOrder(r, nil); usual {
		return time
	}
	return new(Order).parse(p, *r).time
}

// mappedTimeOf is clickTime and orderTime of a record that a map reads.
func (p *parser) mappedTimeOf(r *record.Record) int64 {
	result, _ := p.openMapped(*r)
	return result.time
}
