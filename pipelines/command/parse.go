package command

import (
	"errors"
	"flag"
	"slices"
	"strings"
	"time"
)

// errVersion says that the version is asked for, as flag.ErrHelp does of help.
var errVersion = errors.New("version asked for")

// Parse sets flags as package flag does, but for three things: they may stand
// behind arguments, too; the error is a *FlagError that says what a value must be,
// or which flag is like an unknown one; and -- ends the flags of this program: what
// stands behind it is returned apart.
func Parse(flags *flag.FlagSet, args []string) (rest, behind []string, err error) {
	if err := flags.Parse(nil); err != nil { // from here on they count as parsed
		return nil, nil, err
	}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			return rest, args, nil
		}
		if len(arg) < 2 || arg[0] != '-' {
			rest = append(rest, arg)
			continue
		}
		name, value, hasValue := strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
		f := flags.Lookup(name)
		if f == nil {
			return nil, nil, unknown(flags, name)
		}
		if !hasValue {
			switch {
			case isBool(f):
				value = "true"
			case len(args) == 0:
				return nil, nil, RefuseArgs("--%s needs a value; see --help", name)
			default:
				value, args = args[0], args[1:]
			}
		}
		if err := flags.Set(name, value); err != nil {
			return nil, nil, Refuse(name, value, mustBe(f, err))
		}
	}
	return rest, nil, nil
}

// unknown is the error of a flag that is none, unless it asks for help.
func unknown(flags *flag.FlagSet, name string) error {
	switch name {
	case "help", "h":
		return flag.ErrHelp
	case "version":
		return errVersion
	}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if like := closest(name, names); like != "" {
		return RefuseArgs("--%s is not a flag; did you mean --%s?", name, like)
	}
	return RefuseArgs("--%s is not a flag; see --help", name)
}

func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// mustBe says what a value must be. Flags of package flag don't say so themselves.
func mustBe(f *flag.Flag, err error) string {
	getter, ok := f.Value.(flag.Getter)
	if !ok {
		return err.Error()
	}
	switch getter.Get().(type) {
	case bool:
		return "must be true or false"
	case int, int64:
		return "must be a whole number"
	case uint, uint64:
		return "must be a whole number from 0 to 18446744073709551615"
	case float64:
		return "must be a number"
	case time.Duration:
		return mustBeDuration
	}
	return err.Error()
}

// Given returns the names of the flags that are on the command line.
func Given(flags *flag.FlagSet) map[string]bool {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	return given
}

// RefuseBehind returns an error if flags behind -- have no effect, given what to do in
// their place by the flags' names.
func RefuseBehind(behind []string, instead map[string]string) error {
	for _, arg := range behind {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if do, ok := instead[name]; ok && strings.HasPrefix(arg, "-") {
			return RefuseArgs("--%s behind -- has no effect: %s; see --help", name, do)
		}
	}
	return nil
}

// closest returns the name that is most like a word that was meant to be one, ""
// where none is: a third of the word's letters may be wrong.
func closest(word string, names []string) (best string) {
	limit := max(1, len(word)/3)
	slices.Sort(names)
	for _, name := range names {
		if d := distance(word, name); d <= limit {
			best, limit = name, d-1
		}
	}
	return best
}

// distance is the number of bytes to insert, remove or replace that makes one word
// of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := corner
			if a[i] != b[j] {
				replaced++
			}
			corner = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
