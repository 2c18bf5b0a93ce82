package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFlagsThatCannotBeUsed(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"fold"}, `"fold" is not a command; must be one of compact, erase`},
		{[]string{"compact"}, "--warehouse=: must be bigquery://PROJECT/DATASET"},
		{[]string{"compact", "--warehouse=bigquery://me:hunter2@p/d"},
			"--warehouse=bigquery://…@p/d: a URI must not hold credentials"},
		{[]string{"compact", "--warehouse=bigquery://p/d?region=EU"}, "parameter region is not known"},
		{[]string{"compact", "--warehouse=sqlite:w.db"}, "SQLite merges rows where it writes them"},
		{[]string{"compact", "--warehouse=bigquery://p/d", "--before=yesterday"}, "--before=yesterday: must be a date"},
		{[]string{"compact", "--warehouse=bigquery://p/d", "now"}, `"now" is not a flag, and compact takes flags only`},
		{[]string{"compact", "--dry_run"}, "--dry_run"},
		{[]string{"compact", "--warehouse=bigquery://p/d", "--user=U17"}, "--user=U17: is for erase only"},
		{[]string{"compact", "--warehouse=bigquery://p/d", "--lake=out"}, "--lake=out: is for erase only"},
		{[]string{"erase", "--lake=."}, "erase needs either --before=DATE or --user=ID"},
		{[]string{"erase", "--lake=.", "--user=U17", "--before=2026-11-01"}, "either --before=DATE or --user=ID"},
		{[]string{"erase", "--user=U17"}, "erase needs --lake=DIR, --warehouse=URI or both"},
		{[]string{"erase", "--user=U17", "--lake=none"}, "--lake=none: must be a directory that is there"},
		{[]string{"erase", "--user=U17", "--warehouse=sqlite:none.db"}, "must be sqlite:FILE, of a file that is there"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			var out, errs bytes.Buffer
			if test.args[0] == "compact" && len(test.args) == 1 {
				test.args = append(test.args, "--before=2026-11-01")
			}
			assert.Equal(t, 2, run(t.Context(), test.args, &out, &errs))
			assert.Contains(t, errs.String(), test.want)
			assert.Empty(t, out.String())
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"compact", "--help"}, {"erase", "--help"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var out, errs bytes.Buffer
			assert.Equal(t, 0, run(t.Context(), args, &out, &errs))
			assert.Contains(t, out.String(), "--warehouse bigquery://PROJECT/DATASET")
			assert.Empty(t, errs.String())
		})
	}
}
