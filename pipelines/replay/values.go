package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/unbounded/kafka"
	"adtoorder/io/warehouse"
	"adtoorder/transforms/ledger"
)

// values turns the text of flags into values and keeps the first error.
type values struct {
	fs  *flag.FlagSet
	err error
}

func (v *values) text(name string) string { return v.fs.Lookup(name).Value.String() }

func (v *values) fail(name, allowed string) { v.failFor(name, v.text(name), allowed) }

func (v *values) failFor(name, value, allowed string) {
	if v.err == nil {
		v.err = fmt.Errorf("--%s %q: %s", name, value, allowed)
	}
}

// given tells whether a flag is on the command line.
func (v *values) given(name string) (given bool) {
	v.fs.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	return given
}

func (v *values) stream(name string) string {
	stream := v.text(name)
	if stream != ledger.Clicks && stream != ledger.Orders {
		v.fail(name, "must be clicks or orders")
	}
	return stream
}

// reasons can't be checked: connectors have some of their own.
func (v *values) reasons(name string) []string {
	reasons := *v.fs.Lookup(name).Value.(*list)
	if slices.Contains(reasons, "") {
		v.failFor(name, "", "must be a reason or an outcome, such as bad_quantity or too_late")
	}
	return reasons
}

// time returns the zero time where the flag is not given.
func (v *values) time(name string) time.Time {
	if !v.given(name) {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, v.text(name))
	if err != nil {
		t, err = time.Parse(time.DateOnly, v.text(name))
	}
	if err != nil {
		v.fail(name, "must be a date such as 2026-11-01 or a time such as 2026-11-01T08:00:00Z")
	}
	return t
}

// input wants what is to be read to be there: a path that is misspelt would
// otherwise have no rejects.
func (v *values) input(lake, tables string) (in input) {
	if !v.given(tables) {
		in.lake = v.lake(lake)
		return in
	}
	if v.given(lake) {
		v.fail(tables, fmt.Sprintf("must not be given together with --%s %q", lake, v.text(lake)))
	}
	w, err := warehouse.Open(v.text(tables))
	if file, ok := w.(warehouse.SQLite); ok {
		_, err = os.Stat(file.Path)
	}
	if err != nil {
		v.fail(tables, "must be sqlite:FILE, of a file that is there, or bigquery://PROJECT/DATASET")
	}
	in.warehouse = w
	return in
}

func (v *values) lake(name string) lake.Lake {
	dir := strings.TrimRight(v.text(name), "/")
	if dir == "" || strings.ContainsAny(dir, `*?[\`) {
		v.fail(name, `must be a directory, without any of *?[\ in its name`)
	}
	if info, err := os.Stat(dir); !strings.Contains(dir, "://") && (err != nil || !info.IsDir()) {
		v.fail(name, "must be a directory that is there")
	}
	return lake.Lake{Dir: dir}
}

func (v *values) output(name string) output {
	file := v.text(name)
	if scheme, _, ok := strings.Cut(file, "://"); ok {
		topic, err := kafka.Parse(file)
		if err != nil {
			v.failFor(name, scheme+"://…", err.Error()) // the rest may hold a password
		}
		return output{topic: &topic}
	}
	if file != standard && !strings.HasSuffix(file, plain) && !strings.HasSuffix(file, zipped) {
		v.fail(name, "must be a file ending in .jsonl or .jsonl.gz, kafka://HOST:PORT/TOPIC, or -")
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		v.fail(name, "must be a file, but is a directory or a device")
	}
	return output{file: file}
}
