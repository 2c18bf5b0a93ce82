package files

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"

	"adtoorder/io/dofn"
	"adtoorder/io/framing"
	"adtoorder/io/progress"
	"adtoorder/io/record"
	"adtoorder/io/storage"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/rtrackers/offsetrange"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	beam.RegisterType(reflect.TypeFor[File]())
	register.Function2x0(cut)
	register.Emitter1[File]()
	dofn.Batchwise(&readFn{})
	register.Emitter1[[]record.Record]()
	register.Emitter2[beam.EventTime, record.Count]()
}

// splitSize is how much of a local file one worker takes at a time, in bytes.
const splitSize = 64 << 20

// Read reads the records of files. It returns
//
//	PCollection<[]record.Record>  as io/framing finds them, in batches
//	PCollection<record.Count>     how many records were emitted
//
// A compressed file whose data is damaged gives one record with Damage set, in
// place of what can't be read; a failing disk or network is an error.
func Read(s beam.Scope, files []File) (records, counts beam.PCollection) {
	s = s.Scope("files.Read")
	return beam.ParDo2(s, &readFn{}, beam.CreateList(s, files))
}

// ReadSpread is Read where parts of files are spread over workers first: in a batch on
// Flink (Beam 2.62) a slot goes on with what it has, so that one would read all files. In
// Beam Go (2.77) a reshuffle is named after its place in the whole graph, so that this is
// not for a job that may be updated while it runs.
func ReadSpread(s beam.Scope, files []File) (records, counts beam.PCollection) {
	s = s.Scope("files.Read")
	parts := beam.ParDo(s, cut, beam.CreateList(s, files))
	return beam.ParDo2(s, &readFn{}, beam.Reshuffle(s, parts))
}

// cut cuts a large file into parts that are worth a worker.
func cut(f File, emit func(File)) {
	for _, part := range f.Parts(splitSize) {
		emit(part)
	}
}

// readFn is a splittable DoFn, File -> []record.Record..., record.Count. Its
// restriction is a range of bytes; a line, and the records that begin in it, belong to
// the range where the line starts.
type readFn struct {
	storage *storage.Storage
	emitted int64 // records of this bundle
}

// whole is the restriction of a file that is read by one worker from its start.
var whole = offsetrange.Restriction{Start: 0, End: 1}

// bytes returns the range of a file that can be read in ranges.
func (f File) bytes() offsetrange.Restriction {
	if f.To > 0 {
		return offsetrange.Restriction{Start: f.From, End: f.To}
	}
	return offsetrange.Restriction{Start: 0, End: f.Size}
}

func indivisible(f File) bool {
	return !storage.IsLocal(f.place()) || f.Compression != "" || f.Format != "" || f.Spans
}

// CreateInitialRestriction returns the range of bytes of a file that can be
// read from any offset, and the indivisible whole of one that can't.
func (fn *readFn) CreateInitialRestriction(f File) offsetrange.Restriction {
	if indivisible(f) {
		return whole
	}
	return f.bytes()
}

// SplitRestriction cuts a large file into ranges that are worth a worker.
func (fn *readFn) SplitRestriction(_ File, r offsetrange.Restriction) []offsetrange.Restriction {
	return r.EvenSplits(1 + int64(r.Size())/splitSize)
}

// RestrictionSize returns the range's size in bytes.
func (fn *readFn) RestrictionSize(_ File, r offsetrange.Restriction) float64 { return r.Size() }

// CreateTracker returns the tracker of a range.
func (fn *readFn) CreateTracker(r offsetrange.Restriction) *sdf.LockRTracker {
	return sdf.NewLockRTracker(offsetrange.NewTracker(r))
}

// Setup has the storage ready.
func (fn *readFn) Setup() { fn.storage = new(storage.Storage) }

// StartBundle starts the bundle's count.
func (fn *readFn) StartBundle(context.Context, func([]record.Record), func(beam.EventTime, record.Count)) {
	fn.emitted = 0
}

// ProcessElement emits the records of the lines that start in the tracker's range.
func (fn *readFn) ProcessElement(
	ctx context.Context, rt *sdf.LockRTracker, f File,
	emit func([]record.Record), _ func(beam.EventTime, record.Count),
) error {
	r := rt.GetRestriction().(offsetrange.Restriction)
	if indivisible(f) {
		if !rt.TryClaim(int64(0)) {
			return nil
		}
		for batch, err := range Scan(ctx, fn.storage, f) {
			if err != nil {
				return err
			}
			fn.emit(batch, emit)
		}
		return nil
	}
	in, err := fn.storage.Open(ctx, f.place())
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := f.textFrom(in, r.Start)
	if err != nil {
		return err
	}
	var batch []framing.Piece
	claimed, line := true, int64(-1)
	for {
		batch = text.Next(batch[:0])
		if len(batch) == 0 {
			break
		}
		// Claiming the last line of the batch claims them all. Where that fails,
		// the range ends within the batch, and no longer changes.
		if last := batch[len(batch)-1].Line; last != line {
			claimed, line = rt.TryClaim(last), last
		}
		if !claimed {
			end := rt.GetRestriction().(offsetrange.Restriction).End
			batch = slices.DeleteFunc(batch, func(p framing.Piece) bool { return p.Line >= end })
		}
		fn.emit(f.records(batch), emit)
		if !claimed {
			return nil
		}
	}
	if err := f.failure(text); err != nil {
		return err
	}
	rt.TryClaim(rt.GetRestriction().(offsetrange.Restriction).End) // the end of the file ends the range
	return nil
}

// emit emits a batch and counts it.
func (fn *readFn) emit(batch []record.Record, emit func([]record.Record)) {
	if len(batch) > 0 {
		fn.emitted += int64(len(batch))
		progress.Records.Add(int64(len(batch)))
		emit(batch)
	}
}

// FinishBundle emits how many records the bundle's ranges gave.
func (fn *readFn) FinishBundle(
	_ context.Context, _ func([]record.Record), emit func(beam.EventTime, record.Count),
) {
	if fn.emitted > 0 {
		emit(mtime.FromMilliseconds(0), record.Count{Records: fn.emitted})
	}
}

// Teardown closes the storage, if Setup has made it.
func (fn *readFn) Teardown() error {
	if fn.storage == nil {
		return nil
	}
	return fn.storage.Close()
}

// textFrom returns the text of a local file from the first line on that starts at an
// offset or behind.
func (f File) textFrom(in io.Reader, offset int64) (*framing.Reader, error) {
	if offset == 0 {
		return framing.NewReader(in, 0), nil
	}
	// A line starts here only if the byte before it ends one: read that too.
	offset--
	if _, err := in.(io.Seeker).Seek(offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading %s from byte %d: %w", f.Path, offset+1, err)
	}
	text := framing.NewReader(in, offset)
	text.SkipLine()
	return text, nil
}

// failure returns what ended the reading of a text before its end, nil where nothing did.
func (f File) failure(text *framing.Reader) error {
	if err := text.Err(); err != io.EOF {
		return fmt.Errorf("reading %s at byte %d: %w", f.Path, text.Offset(), err)
	}
	return nil
}
