package publish

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"adtoorder/io/unbounded/folder"
	"adtoorder/pipelines/generate/traffic"
)

// fileTime is how names of files tell the start of their periods, in UTC.
const fileTime = "20060102T150405.000Z"

// Folder is a local directory of files, one a period. Periods are counted from
// the start of the traffic.
type Folder struct {
	Dir    string
	Stream string        // files' names begin with it
	Every  time.Duration // length of the periods
}

// special are the characters that make a path a pattern.
const special = `*?[\`

func parseFolder(stream, dir string, every time.Duration) (Destination, error) {
	if dir == "" || strings.Contains(dir, "://") || strings.ContainsAny(dir, special) {
		return nil, errors.New("must name a local directory")
	}
	return Folder{filepath.Clean(dir), stream, every}, nil
}

// parseWatched reads the URI of a watched folder. Its pattern must fit the files;
// its every= is the length of their periods.
func parseWatched(stream, uri string, every time.Duration) (Destination, error) {
	s, err := folder.Parse(uri)
	if err != nil {
		return nil, err
	}
	if s.EveryMillis > 0 {
		every = time.Duration(s.EveryMillis) * time.Millisecond
	}
	dir, pattern := s.Pattern, ""
	if strings.ContainsAny(dir, special) {
		dir, pattern = path.Split(dir)
		name := Folder{Stream: stream}.name(time.Unix(0, 0))
		if fits, err := path.Match(pattern, name); err != nil || !fits {
			return nil, fmt.Errorf("the pattern must match the files' names, such as %s", name)
		}
	}
	return parseFolder(stream, dir, every)
}

func (f Folder) name(period time.Time) string {
	return f.Stream + "-" + period.UTC().Format(fileTime) + ".jsonl"
}

// String implements Destination.
func (f Folder) String() string { return "folder:" + f.Dir }

// check makes the directory if need be.
func (f Folder) check(context.Context) error { return os.MkdirAll(f.Dir, 0o755) }

func (f Folder) open(_ context.Context, p Plan) (sink, error) {
	return &folderSink{folder: f, traffic: p.Traffic}, nil
}

// folderSink has at most one file open, under another name until it is whole.
type folderSink struct {
	folder  Folder
	traffic traffic.Options

	period time.Time // the open file's start
	file   *os.File  // nil where none is open
	out    *bufio.Writer
}

func (s *folderSink) put(ctx context.Context, r traffic.Record) error {
	if err := s.reach(ctx, r.Time); err != nil {
		return err
	}
	if s.file == nil {
		start := s.traffic.Start
		s.period = start.Add(r.Time.Sub(start).Truncate(s.folder.Every))
		file, err := os.Create(s.partial())
		if err != nil {
			return fmt.Errorf("creating a file for %s: %w", s.path(), err)
		}
		s.file, s.out = file, bufio.NewWriterSize(file, 64<<10)
	}
	// The buffer keeps its first error and returns it from every later call.
	s.out.Write(r.Payload)
	if err := s.out.WriteByte('\n'); err != nil {
		return fmt.Errorf("writing %s: %w", s.path(), err)
	}
	return nil
}

func (s *folderSink) path() string {
	return filepath.Join(s.folder.Dir, s.folder.name(s.period))
}

// partial has a name that readers pass over.
func (s *folderSink) partial() string {
	return filepath.Join(s.folder.Dir, "."+s.folder.name(s.period)+".partial")
}

func (s *folderSink) reach(ctx context.Context, now time.Time) error {
	if now.Before(s.period.Add(s.folder.Every)) {
		return nil
	}
	return s.finish(ctx)
}

// finish gives the open file its name. Simulated traffic gives it its time, too:
// the end of the period.
func (s *folderSink) finish(context.Context) error {
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	err := errors.Join(s.out.Flush(), file.Close())
	if err == nil && !s.traffic.Live {
		end := s.period.Add(s.folder.Every)
		if last := s.traffic.Start.Add(s.traffic.Span); last.Before(end) {
			end = last
		}
		err = os.Chtimes(s.partial(), end, end)
	}
	if err == nil {
		err = os.Rename(s.partial(), s.path())
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", s.path(), errors.Join(err, os.Remove(s.partial())))
	}
	return nil
}

func (s *folderSink) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.partial()))
}
