package main

import (
	"context"
	"flag"
	"io"
	"os"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/lake"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/command"

	"cloud.google.com/go/civil"
)

// settings are what the program is told.
type settings struct {
	warehouse, lake, user string
	before                civil.Date // zero where it is not given
}

// declare declares the flags, whose values go into the settings.
func declare(s *settings) *flag.FlagSet {
	flags := flag.NewFlagSet("warehouse", flag.ContinueOnError)
	flags.StringVar(&s.warehouse, "warehouse", "", "the `database`: bigquery://PROJECT/DATASET or, to erase, "+
		"sqlite:FILE")
	command.Var(flags, &s.before, "before", "", "fold the dates, or erase the payloads, before this `date`, in UTC, "+
		"such as 2026-11-01 (default to compact: yesterday's)", parseDate)
	flags.StringVar(&s.lake, "lake", "", "`directory` of the lake, local or in a bucket")
	flags.StringVar(&s.user, "user", "", "erase the payloads that hold this `id`: in JSON as a value, in other text "+
		"as a word")
	return flags
}

func (s settings) beforeOr(date civil.Date) civil.Date {
	if s.before.IsZero() {
		return date
	}
	return s.before
}

// onlyOfCompact refuses what compact would leave aside.
func (s settings) onlyOfCompact() error {
	for flag, value := range map[string]string{"lake": s.lake, "user": s.user} {
		if value != "" {
			return command.Refuse(flag, value, "is for erase only")
		}
	}
	return nil
}

// erase erases what the settings say, in the lake first: its files say what there is.
func (s settings) erase(ctx context.Context, out io.Writer) error {
	if s.before.IsZero() == (s.user == "") {
		return command.RefuseArgs("erase needs either --before=DATE or --user=ID")
	}
	e := &erasure{user: s.user}
	if !s.before.IsZero() {
		e.before = s.before.In(time.UTC)
	}
	in, err := s.lakeThere()
	if err != nil {
		return err
	}
	w, err := s.warehouseThere()
	switch {
	case err != nil:
		return err
	case in.Dir == "" && w == nil:
		return command.RefuseArgs("erase needs --lake=DIR, --warehouse=URI or both: payloads are in each")
	}
	if in.Dir != "" {
		if err := e.inLake(ctx, in, out); err != nil {
			return err
		}
	}
	if w != nil {
		return e.inWarehouse(ctx, w, out)
	}
	return nil
}

// lakeThere wants a lake to be there, if one is given: one that is misspelt would
// otherwise have no payloads.
func (s settings) lakeThere() (l lake.Lake, err error) {
	l.Dir = strings.TrimRight(s.lake, "/")
	if s.lake == "" || strings.Contains(l.Dir, "://") {
		return l, nil
	}
	if info, err := os.Stat(l.Dir); err != nil || !info.IsDir() {
		return l, command.Refuse("lake", s.lake, "must be a directory that is there")
	}
	return l, nil
}

// warehouseThere wants a warehouse to be there, if one is given.
func (s settings) warehouseThere() (warehouse.Warehouse, error) {
	if s.warehouse == "" {
		return nil, nil
	}
	w, err := warehouse.Open(s.warehouse)
	if err == nil && w.File() != "" {
		_, err = os.Stat(w.File())
	}
	if err != nil {
		return nil, command.Refuse("warehouse", endpoint.Hide(s.warehouse),
			"must be sqlite:FILE, of a file that is there, or bigquery://PROJECT/DATASET")
	}
	return w, nil
}
