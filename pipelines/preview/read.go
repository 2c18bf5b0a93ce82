package preview

import (
	"context"
	"fmt"
	"io"

	"adtoorder/io/files"
	"adtoorder/io/record"
	"adtoorder/io/storage"
	"adtoorder/io/unbounded"
	"adtoorder/pipelines/engine"
)

// source is what was read of a file or a live source.
type source struct {
	name    string
	how     string // it was read
	records []record.Record
	more    bool // there is more behind them, as far as is known
}

// maxFiles is how many files of a stream are looked at.
const maxFiles = 10

// readAll reads the start of some files, and of all live sources.
func readAll(ctx context.Context, in engine.Input) (all []source, err error) {
	var st storage.Storage
	defer st.Close()
	chosen := spread(in.Files)
	for _, f := range chosen {
		s, err := readFile(ctx, &st, f, most/len(chosen))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if left := len(in.Files) - len(chosen); left > 0 {
		all = append(all, source{name: fmt.Sprintf("and %d more files", left), how: "not looked at"})
	}
	for _, live := range in.Unbounded {
		s, err := readLive(ctx, live)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// spread chooses files from the first to the last, at most maxFiles.
func spread(all []files.File) (chosen []files.File) {
	n := min(len(all), maxFiles)
	for i := range n {
		chosen = append(chosen, all[i*len(all)/n])
	}
	return chosen
}

// readFile reads the start of a file.
func readFile(ctx context.Context, st *storage.Storage, f files.File, most int) (s source, err error) {
	r, err := files.Open(ctx, st, f)
	if err != nil {
		return s, err
	}
	defer r.Close()
	s = source{name: f.Path, how: "plain text"}
	if f.Compression != "" {
		s.how = f.Compression
	}
	if framing := r.Framing(); framing != "" {
		s.how += ", " + framing
	}
	for err == nil && len(s.records) < most {
		var batch []record.Record
		batch, err = r.Next()
		s.records = append(s.records, batch...)
	}
	if err != nil && err != io.EOF {
		return s, err
	}
	s.more = err == nil || len(s.records) > most
	s.records = s.records[:min(len(s.records), most)]
	return s, nil
}

// readLive reads what a live source has, without taking it.
func readLive(ctx context.Context, live unbounded.Source) (s source, err error) {
	s = source{name: live.String(), how: "live; no position is noted"}
	if _, acknowledged := live.(unbounded.Subscription); acknowledged {
		s.how = "live; given back, which counts as an attempt of delivery"
	}
	s.records, err = unbounded.Peek(ctx, live, most)
	s.more = len(s.records) == most
	return s, err
}
