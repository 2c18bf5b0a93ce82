package command

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"
)

const mustBeDuration = "must be a duration such as 90s, 15m or 24h"

// Var declares a flag whose text a function parses; its error says what the text
// must be. The default is a text, too, and "" for none.
func Var[T any](flags *flag.FlagSet, value *T, name, byDefault, usage string, parse func(string) (T, error)) {
	v := &parsed[T]{value: value, parse: parse}
	if byDefault != "" {
		if err := v.Set(byDefault); err != nil {
			panic(fmt.Sprintf("default of --%s: %v", name, err))
		}
	}
	flags.Var(v, name, usage)
}

type parsed[T any] struct {
	value *T
	text  string
	parse func(string) (T, error)
}

// String implements flag.Value.
func (p *parsed[T]) String() string { return p.text }

// Set implements flag.Value.
func (p *parsed[T]) Set(text string) (err error) {
	if *p.value, err = p.parse(text); err == nil {
		p.text = text
	}
	return err
}

// List declares a flag that may be given several times; the first time replaces
// what the list holds by default.
func List(flags *flag.FlagSet, values *[]string, name, usage string) {
	flags.Var(&list{values: values}, name, usage)
}

type list struct {
	values *[]string
	given  bool
}

// String implements flag.Value; the flag package asks a zero value, too.
func (l *list) String() string {
	if l.values == nil {
		return ""
	}
	return strings.Join(*l.values, ",")
}

// Set implements flag.Value.
func (l *list) Set(value string) error {
	if !l.given {
		*l.values, l.given = nil, true
	}
	*l.values = append(*l.values, value)
	return nil
}

// Time parses a time by RFC 3339, or a date in UTC.
func Time(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		err = errors.New("must be a date such as 2026-11-01 or a time such as 2026-11-01T08:00:00Z")
	}
	return t, err
}

// Milliseconds parses a duration of one millisecond or more, without a fraction.
func Milliseconds(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, errors.New(mustBeDuration)
	case d < time.Millisecond || d%time.Millisecond != 0:
		return 0, errors.New("must be a whole number of milliseconds, at least 1ms")
	}
	return d, nil
}
