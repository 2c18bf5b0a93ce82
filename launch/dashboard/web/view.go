package web

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"adtoorder/launch/dashboard/query"
	"adtoorder/launch/dashboard/report"
)

// view is everything that the page shows of a filter.
type view struct {
	report.Report
	Filter   report.Filter
	Timeline report.Timeline
	Problem  *query.Problem
	Name     string // of the warehouse
}

// views remembers views of the newest state, so that viewers of the same share
// the work.
type views struct {
	mutex sync.Mutex
	state int
	until time.Time
	made  map[string]*pending
}

// pending is a view that may be in the making.
type pending struct {
	once sync.Once
	view view
	err  error

	mutex    sync.Mutex
	sections map[int][]byte // as JSON, by the width of the charts
}

// rendered returns the sections at a width, which are rendered once.
func (p *pending) rendered(width int) ([]byte, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if text, done := p.sections[width]; done {
		return text, nil
	}
	sections, err := rendering{p.view, width}.sections()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(sections)
	if len(p.sections) == 0 || len(p.sections) == maxWidths {
		p.sections = map[int][]byte{}
	}
	p.sections[width] = text
	return text, err
}

const (
	// maxViews is how many different views are remembered.
	maxViews = 200
	// maxWidths is of how many widths a view's sections are.
	maxWidths = 4
	// keep is how long they are: what they say of time grows old though no row
	// changes.
	keep = 10 * time.Second
)

// view returns the view of a filter, made.
func (s *Server) view(ctx context.Context, f report.Filter) (*pending, error) {
	now := s.snapshot.get()
	key := f.Query().Encode()
	s.views.mutex.Lock()
	if s.views.state != now.number || time.Now().After(s.views.until) || len(s.views.made) > maxViews {
		s.views.state, s.views.until, s.views.made = now.number, time.Now().Add(keep), map[string]*pending{}
	}
	p := s.views.made[key]
	if p == nil {
		p = &pending{}
		s.views.made[key] = p
	}
	s.views.mutex.Unlock()
	p.once.Do(func() { p.view, p.err = s.make(context.WithoutCancel(ctx), now, f) })
	return p, p.err
}

func (s *Server) make(ctx context.Context, now state, f report.Filter) (v view, err error) {
	v = view{Report: report.New(now.extract, f, time.Now()), Filter: f, Problem: now.problem, Name: s.name}
	for i, sheet := range v.Ledger {
		if sheet.State == report.Moving && now.stuck(sheet, time.Now()) {
			v.Ledger[i].State = report.Unbalanced
		}
	}
	v.Timeline = report.Plan(v.Report, f, now.extract.Window)
	var steps []query.Step
	if query, needed := v.Timeline.Query(); needed {
		if steps, err = s.snapshot.warehouse.Steps(ctx, query); err != nil {
			if now.problem == nil {
				return v, err
			}
			v.Timeline, err = report.Timeline{}, nil // the page says what the problem is
		}
	}
	v.Timeline = v.Timeline.Fill(steps, now.extract.Days, v.Freshness)
	return v, nil
}
