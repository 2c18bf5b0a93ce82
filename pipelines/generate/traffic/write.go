package traffic

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
)

// The files that WriteDir makes.
const (
	ClicksFile = "clicks.jsonl"
	OrdersFile = "orders.jsonl"
)

// Counts tell what was written of one stream.
type Counts struct {
	Records    int // distinct and valid, late ones among them
	Late       int
	Duplicates int
	Malformed  int
	Bytes      int64
}

// Write writes every record as a line.
func Write(w io.Writer, records iter.Seq[Record]) (Counts, error) {
	var counts Counts
	out := bufio.NewWriterSize(w, 1<<20)
	for r := range records {
		// A bufio.Writer keeps its first error and returns it from every later call.
		out.Write(r.Payload)
		if err := out.WriteByte('\n'); err != nil {
			return counts, err
		}
		counts.Add(r)
	}
	return counts, out.Flush()
}

// Add counts a record that was written, with a line end.
func (c *Counts) Add(r Record) {
	c.Bytes += int64(len(r.Payload)) + 1
	switch r.Fault {
	case Malformed:
		c.Malformed++
	case Duplicate:
		c.Duplicates++
	case Late:
		c.Late++
		c.Records++
	default:
		c.Records++
	}
}

// WriteDir writes ClicksFile and OrdersFile into the directory, which it makes
// if need be. Files of these names are replaced.
func (g *Generator) WriteDir(dir string) (clicks, orders Counts, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return clicks, orders, fmt.Errorf("making the output directory: %w", err)
	}
	if clicks, err = writeFile(filepath.Join(dir, ClicksFile), g.Clicks()); err != nil {
		return clicks, orders, err
	}
	orders, err = writeFile(filepath.Join(dir, OrdersFile), g.Orders())
	return clicks, orders, err
}

// writeFile writes beside the file and renames at the end, since a reader may
// be watching the directory.
func writeFile(path string, records iter.Seq[Record]) (Counts, error) {
	partial := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".partial")
	file, err := os.Create(partial)
	if err != nil {
		return Counts{}, fmt.Errorf("creating a file for %s: %w", path, err)
	}
	counts, err := Write(file, records)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(partial, path)
	}
	if err != nil {
		return counts, fmt.Errorf("writing %s: %w", path, errors.Join(err, os.Remove(partial)))
	}
	return counts, nil
}
