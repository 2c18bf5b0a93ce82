package engine

import (
	"cmp"
	"fmt"
	"slices"

	"adtoorder/io/table"
)

// takes refuses a run that can't be added to the target's rows.
func (t target) takes() error {
	if differs := t.origin.Differs(t.stored); differs != "" {
		return t.refuse(differs + instead + t.flag)
	}
	for _, was := range t.stored.Sources {
		i := slices.IndexFunc(t.origin.Sources, was.Names)
		if i >= 0 && was.State != table.Replaced && !was.Same(t.origin.Sources[i]) {
			return t.refuse(was.Changed() + "; restore it, or give --replace and all files that share its windows, " +
				"or another --" + t.flag)
		}
	}
	return nil
}

// lacksNothing refuses a run where others have rows of a file which the target lacks, and
// the run does not name it.
func (t target) lacksNothing(all []target) error {
	for _, other := range all {
		for _, s := range other.stored.Sources {
			if s.State == "" && !slices.ContainsFunc(t.stored.Sources, s.Same) &&
				!slices.ContainsFunc(t.origin.Sources, s.Same) {
				return other.refuse(fmt.Sprintf("has rows from %s, which --%s=%s lacks; name that file "+
					"among --%s, too, or give another --%s", s.Path, t.flag, t.value, s.Stream, other.flag))
			}
		}
	}
	return nil
}

func nameOf(s table.Source) fileName { return fileName{s.Stream, s.Path} }

// union returns all files that targets remember or are given, by stream and path, with
// what is known of them; but not those of which rows were replaced.
func union(targets []target) (all []table.Source) {
	for _, t := range targets {
		for _, s := range slices.Concat(t.stored.Sources, t.origin.Sources) {
			if s.State != table.Replaced {
				all = append(all, s)
			}
		}
	}
	unknown := func(s table.Source) int { return map[bool]int{true: 1}[s.Found == nil] }
	slices.SortFunc(all, func(a, b table.Source) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Path, b.Path), unknown(a)-unknown(b))
	})
	return slices.CompactFunc(all, func(a, b table.Source) bool { return a.Names(b) })
}

// replacedIn returns the files of which targets remember that rows were replaced, where
// the run does not read them again.
func replacedIn(targets []target) (all []table.Source) {
	for _, t := range targets {
		for _, s := range t.stored.Sources {
			if s.State == table.Replaced && !slices.ContainsFunc(t.origin.Sources, s.Same) &&
				!slices.ContainsFunc(all, s.Same) {
				all = append(all, s)
			}
		}
	}
	return all
}

// allHave reports whether all targets have all rows of a file.
func allHave(targets []target, s table.Source) bool {
	return !slices.ContainsFunc(targets, func(t target) bool {
		return !slices.ContainsFunc(t.stored.Sources, func(has table.Source) bool {
			return has.State == "" && has.Same(s)
		})
	})
}
