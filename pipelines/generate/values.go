package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"adtoorder/pipelines/generate/publish"
)

// values turns the text of flags into values and keeps the first error.
type values struct {
	fs  *flag.FlagSet
	err error
}

func (v *values) text(name string) string {
	return v.fs.Lookup(name).Value.String()
}

func (v *values) fail(name, allowed string) {
	if v.err == nil {
		v.err = fmt.Errorf("--%s %q: %s", name, v.text(name), allowed)
	}
}

func (v *values) whole(name string, least int) int {
	n, err := strconv.Atoi(v.text(name))
	if err != nil {
		v.fail(name, fmt.Sprintf("must be a whole number, %d or more", least))
	}
	return n
}

// number is that of the records to write, 0 for a destination.
func (v *values) number(name string) int {
	if publish.IsDestination(v.text(name)) {
		return 0
	}
	return v.whole(name, 0)
}

// seed allows for the whole range of the generator's seeds.
func (v *values) seed(name string) uint64 {
	n, err := strconv.ParseUint(v.text(name), 10, 64)
	if err != nil {
		v.fail(name, "must be a whole number from 0 to 18446744073709551615")
	}
	return n
}

func (v *values) share(name string) float64 {
	x, err := strconv.ParseFloat(v.text(name), 64)
	if err != nil {
		v.fail(name, "must be a share from 0 to 1")
	}
	return x
}

func (v *values) duration(name string) time.Duration {
	d, err := time.ParseDuration(v.text(name))
	if err != nil {
		v.fail(name, "must be a duration such as 90s, 15m or 24h")
	}
	return d
}

func (v *values) time(name string) time.Time {
	t, err := time.Parse(time.RFC3339, v.text(name))
	if err != nil {
		t, err = time.Parse(time.DateOnly, v.text(name))
	}
	if err != nil {
		v.fail(name, "must be a date such as 2026-11-01 or a time such as 2026-11-01T08:00:00Z")
	}
	return t
}

func (v *values) dir(name string) string {
	dir := v.text(name)
	if dir == "" {
		v.fail(name, "must name a directory")
	} else if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		v.fail(name, "must be a directory, but is a file")
	}
	return dir
}
