package publish

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"adtoorder/pipelines/generate/traffic"

	"github.com/stretchr/testify/require"
)

// noon is when simulated traffic starts.
var noon = time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC)

// simulated is traffic with all faults: 3,000 clicks in 30 s.
func simulated() traffic.Options {
	opts := traffic.Defaults()
	opts.Start, opts.Span, opts.Clicks, opts.Orders = noon, 30*time.Second, 3000, 300
	opts.Late, opts.Duplicates, opts.Malformed = 0.1, 0.05, 0.02
	return opts
}

// live is clean traffic of so many clicks a second, and a tenth as many orders.
func live(rate int, span time.Duration) traffic.Options {
	opts := traffic.Defaults()
	opts.Live, opts.Span = true, span
	opts.Clicks = int(float64(rate) * span.Seconds())
	opts.Orders = opts.Clicks / 10
	return opts
}

// taken is a record at its destination.
type taken struct {
	Payload, Key string
	Time         time.Time
}

// wanted are a generator's records, in the order that sorted gives.
func wanted(records iter.Seq[traffic.Record]) (all []taken) {
	for r := range records {
		all = append(all, taken{string(r.Payload), key(r), r.Time})
	}
	return sorted(all)
}

func sorted(all []taken) []taken {
	slices.SortFunc(all, func(a, b taken) int {
		if order := a.Time.Compare(b.Time); order != 0 {
			return order
		}
		return slices.Compare([]byte(a.Payload), []byte(b.Payload))
	})
	return all
}

func generator(t *testing.T, opts traffic.Options) *traffic.Generator {
	t.Helper()
	g, err := traffic.New(opts)
	require.NoError(t, err)
	return g
}

// memory is a destination that calls back.
type memory struct {
	onPut    func(traffic.Record) error
	onReach  func(time.Time) error
	onFinish func(context.Context) error
	checked  error
	opened   error
	finished int
	closed   int
}

var errBroken = errors.New("broken")

func (m *memory) String() string                           { return "memory" }
func (m *memory) check(context.Context) error              { return m.checked }
func (m *memory) open(context.Context, Plan) (sink, error) { return m, m.opened }

func (m *memory) put(_ context.Context, r traffic.Record) error {
	if m.onPut == nil {
		return nil
	}
	return m.onPut(r)
}

func (m *memory) reach(_ context.Context, now time.Time) error {
	if m.onReach == nil {
		return nil
	}
	return m.onReach(now)
}

func (m *memory) finish(ctx context.Context) error {
	m.finished++
	if m.onFinish == nil {
		return nil
	}
	return m.onFinish(ctx)
}

func (m *memory) close() error {
	m.closed++
	return nil
}
