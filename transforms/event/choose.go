package event

import (
	"time"

	"adtoorder/io/dofn"
	"adtoorder/io/window"
	"adtoorder/transforms/ledger"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	global "github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	dofn.Batchwise(&candidatesFn{})
	dofn.Batchwise(&chooseFn{})
	register.Emitter3[beam.EventTime, string, []Reject]()
	register.Emitter2[beam.EventTime, []Reject]()
	register.Iter1[[]Reject]()
}

// early is how long after its first sample a window of unbounded input fires before its end.
const early = 2 * time.Second

// Choose returns the samples among rejects: of those that decoders have chosen, each of a
// part of the input, those that all of the input has. In unbounded input a window may have
// some more, chosen before others were there.
//
//	PCollection<[]Reject> -> PCollection<[]Reject>, each of one partition of files
func Choose(s beam.Scope, windows window.Policy, rejects beam.PCollection) beam.PCollection {
	s = s.Scope("event.Choose")
	candidates := beam.ParDo(s, &candidatesFn{Windows: windows}, rejects)
	spans := windows.Spans().Into(s, candidates, early)
	chosen := beam.ParDo(s, &chooseFn{Windows: windows}, beam.GroupByKey(s, spans))
	return beam.WindowInto(s.Scope("Rejects"), global.NewGlobalWindows(), chosen) // as rejects are
}

// IsSample reports whether a reject is a sample of records that are no rejects.
func (r Reject) IsSample() bool { return r.Outcome == ledger.NotPromotion }

// candidatesFn is []Reject -> KV<stream, []Reject>..., samples of one span each.
type candidatesFn struct{ Windows window.Policy }

// ProcessElement emits the samples among rejects.
func (fn *candidatesFn) ProcessElement(rejects []Reject, emit func(beam.EventTime, string, []Reject)) {
	type span struct {
		stamp  int64
		stream string
	}
	all, spans := map[span][]Reject{}, fn.Windows.Spans()
	for _, r := range rejects {
		if r.IsSample() {
			of := span{spans.StampOf(r.Time), r.Stream}
			all[of] = append(all[of], r)
		}
	}
	for of, some := range all {
		emit(mtime.FromMilliseconds(of.stamp), of.stream, some)
	}
}

// chooseFn is <stream, []Reject> -> []Reject, at the start of a window of theirs, as rows are.
type chooseFn struct{ Windows window.Policy }

// ProcessElement chooses the samples of a span.
func (fn *chooseFn) ProcessElement(
	stream string, candidates func(*[]Reject) bool, emit func(beam.EventTime, []Reject),
) {
	s := newSamples(stream, fn.Windows)
	for some := []Reject(nil); candidates(&some); some = nil {
		for _, one := range some {
			s.add(0, one)
		}
	}
	chosen := s.take()
	emit(mtime.FromMilliseconds(fn.Windows.StartOf(chosen[0].Time)), chosen)
}
