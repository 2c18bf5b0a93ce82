package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adtoorder/io/unbounded/kafka"
	"adtoorder/pipelines/engine"
)

// output is where payloads go: a file, or a topic if there is one.
type output struct {
	file  string
	topic *kafka.Source
}

// standard is the file that stands for standard output.
const standard = "-"

// The endings of files.
const (
	plain  = ".jsonl"
	zipped = ".jsonl.gz"
)

// String names the output.
func (o output) String() string {
	switch {
	case o.topic != nil:
		return o.topic.String()
	case o.file == standard:
		return "standard output"
	}
	return o.file
}

// write writes the payloads of rejects.
func (o output) write(ctx context.Context, rows []engine.RejectRow, stdout io.Writer) (err error) {
	switch {
	case o.topic != nil:
		err = toTopic(ctx, *o.topic, rows)
	case o.file == standard:
		err = writeLines(stdout, rows)
	default:
		err = toFile(o.file, rows)
	}
	if err != nil {
		return fmt.Errorf("writing to %v: %w", o, err)
	}
	return nil
}

func writeLines(w io.Writer, rows []engine.RejectRow) error {
	lines := bufio.NewWriter(w)
	for _, r := range rows {
		lines.Write(oneLine(identified(r)))
		lines.WriteByte('\n')
	}
	return lines.Flush() // returns the first error
}

// toFile writes a file that is there as a whole or not at all.
func toFile(path string, rows []engine.RejectRow) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	err = errors.Join(fill(file, strings.HasSuffix(path, zipped), rows), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func fill(file *os.File, zip bool, rows []engine.RejectRow) error {
	if err := file.Chmod(0o644); err != nil { // a temporary file is its owner's alone
		return err
	}
	var err error
	if zip {
		z := gzip.NewWriter(file)
		err = errors.Join(writeLines(z, rows), z.Close())
	} else {
		err = writeLines(file, rows)
	}
	return errors.Join(err, file.Sync())
}

// toTopic writes messages of now: by their old time the topic might drop them
// at once. Those of one source stay in order.
func toTopic(ctx context.Context, topic kafka.Source, rows []engine.RejectRow) error {
	if err := topic.Check(ctx); err != nil {
		return err
	}
	w, err := kafka.NewWriter(topic)
	if err != nil {
		return err
	}
	defer w.Close()
	for _, r := range rows {
		if err := w.Put(ctx, r.Source, identified(r), time.Now()); err != nil {
			return err
		}
	}
	return w.Flush(ctx)
}
