package command

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// The exit statuses of all programs.
const (
	OK       = 0
	Failed   = 1 // something went wrong
	Unusable = 2 // a flag or an argument can't be used; nothing was done then
	Doubtful = 3 // all was done, but what came of it is most likely not what was meant
)

// FlagError is a flag that can't be used, or an argument where Flag is "". Nothing
// has been written then. Its program ends with status 2.
type FlagError struct{ Flag, Value, Problem string }

// Error names the flag, its value, and what is wrong with it or allowed.
func (e *FlagError) Error() string {
	if e.Flag == "" {
		return e.Problem
	}
	return fmt.Sprintf("--%s=%s: %s", e.Flag, e.Value, e.Problem)
}

// Refuse returns the error of a flag. The problem reads on from the value: "must
// be …", "is for …".
func Refuse(flag string, value any, problem string) error {
	return &FlagError{flag, fmt.Sprint(value), problem}
}

// RefuseArgs returns the error of arguments that can't be used.
func RefuseArgs(format string, values ...any) error {
	return &FlagError{Problem: fmt.Sprintf(format, values...)}
}

// AsUnusable returns an error as one of the command line: status 2.
func AsUnusable(err error) error {
	var known *FlagError
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &FlagError{Problem: err.Error()}
}

// doubt says why a result is most likely not what was meant.
type doubt struct{ error }

// Unwrap returns why.
func (d doubt) Unwrap() error { return d.error }

// Doubt returns an error of a program that has done all, with a result that is most likely
// not what was meant. The program ends with status 3.
func Doubt(err error) error {
	if err == nil {
		return nil
	}
	return doubt{err}
}

// Exit is the status of another program, which has said itself what went wrong.
type Exit int

// Error implements error.
func (e Exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// End prints what went wrong, if anything, in one line behind the program's name,
// and returns the exit status.
func End(errs io.Writer, name string, err error) int {
	var exit Exit
	var unusable *FlagError
	switch {
	case err == nil:
		return OK
	case errors.As(err, &exit):
		return int(exit)
	}
	fmt.Fprintf(errs, "%s: %s\n", name, OneLine(err))
	var doubtful doubt
	switch {
	case errors.As(err, &unusable):
		return Unusable
	case errors.As(err, &doubtful):
		return Doubtful
	}
	return Failed
}

// OneLine returns an error's text without line breaks.
func OneLine(err error) string {
	return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
}
