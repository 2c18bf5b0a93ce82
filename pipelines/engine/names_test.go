package engine

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateNames = flag.Bool("update_names", false,
	"take the names that the graph's steps have now for those that they are to have")

// optionsOn gives options without asking the sources.
func optionsOn(t *testing.T, clicks, orders []string) Options {
	t.Helper()
	f := place(t, "prism")
	f.Clicks, f.Orders = finished, finished
	o, err := Parse(t.Context(), f)
	require.NoError(t, err)
	o.Clicks, err = parseInput(t.Context(), "clicks", clicks)
	require.NoError(t, err)
	o.Orders, err = parseInput(t.Context(), "orders", orders)
	require.NoError(t, err)
	return o
}

func names(t *testing.T, o Options) []string {
	t.Helper()
	all, err := Names(t.Context(), o)
	require.NoError(t, err)
	return all
}

var (
	finished = []string{"../../testdata/rules/clicks.jsonl"}
	aTopic   = "kafka://broker:9092/clicks"
	aStream  = "kinesis://clicks?region=eu-west-1"
	aFolder  = "watch:gs://bucket/in/clicks-*?every=5s"
)

// A job that is running is updated by these names.
func TestNamesOfSteps(t *testing.T) {
	for file, o := range map[string]Options{
		"testdata/names/files.txt": optionsOn(t, finished, finished),
		"testdata/names/live.txt": optionsOn(t, []string{aTopic, aStream, aFolder},
			[]string{"kafka://broker:9092/orders"}),
	} {
		t.Run(file, func(t *testing.T) {
			got := names(t, o)
			if *updateNames {
				require.NoError(t, os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o644))
			}
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			want := strings.Split(strings.TrimSpace(string(text)), "\n")
			assert.Empty(t, without(want, got), "names of %s that no step has any more%s", file, consequence)
			assert.Empty(t, without(got, want), "names of steps that %s does not have%s", file, consequence)
		})
	}
}

const consequence = `. A running job can't be updated to this version by itself: a step without its name
begins without state, so that Dataflow refuses the update. Keep the names; or, where they have to change, run

    go test ./pipelines/engine -run TestNamesOfSteps -update_names

and tell users to update with a mapping of old names to new ones (--transform_name_mapping), or to drain and submit.`

// without returns those of all that are not among others.
func without(all, others []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(others, name) })
}

// What else is in the graph, and in which order, is not in a step's name.
func TestNamesDependOnNothingElse(t *testing.T) {
	orders := []string{"kafka://broker:9092/orders"}
	of := func(clicks ...string) []string { return names(t, optionsOn(t, clicks, orders)) }
	all := of(aTopic, aStream, aFolder, finished[0])
	assert.Equal(t, all, of(finished[0], aFolder, aStream, aTopic))
	assert.Subset(t, all, of(aTopic))
	assert.Subset(t, all, of(aFolder, aStream))
	assert.Subset(t, all, of(finished[0]), "finished files beside a live stream")

	lakeOnly := optionsOn(t, []string{aTopic}, orders)
	lakeOnly.Warehouse = nil
	assert.Subset(t, of(aTopic), names(t, lakeOnly))

	for _, name := range all {
		assert.NotContains(t, name, "'", "a number that depends on the order of steps")
		assert.NotRegexp(t, `/e\d+_`, name, "a number that depends on how many steps there are")
	}
	assert.Equal(t, slices.Compact(slices.Clone(all)), all)
}

// A finished run on Flink spreads its files over the slots. A job that may be updated must
// not, since that step is named after its place.
func TestFilesOfFinishedRunsAreSpread(t *testing.T) {
	finite, mixed := optionsOn(t, finished, finished), optionsOn(t, finished, []string{aTopic})
	for _, o := range []*Options{&finite, &mixed} {
		for _, o.Runner = range Runners {
			spread := slices.Contains(names(t, *o), "clicks/files.Read/Reshuffle")
			assert.Equal(t, o.Runner == Flink && !o.Live(), spread, o.Runner)
		}
	}
}
