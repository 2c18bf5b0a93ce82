package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"adtoorder/io/unbounded/pubsub/pubsubtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
)

// asMain has this test binary be the program: flags are declared once a process.
const asMain = "ADTOORDER_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// conversions runs the program at the top of the repository.
func conversions(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	run := exec.CommandContext(t.Context(), self, args...)
	run.Dir = "../.."
	run.Env = append(os.Environ(), asMain+"=1")
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	if err := run.Run(); err != nil {
		require.IsType(t, &exec.ExitError{}, err)
	}
	return run.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func TestABadFlagIsOneLineAndStatus2(t *testing.T) {
	lake := t.TempDir() + "/lake"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--windows=1m"}, "conversions: --windows is not a flag; did you mean --window?"},
		{[]string{"--window"}, "conversions: --window needs a value; see --help"},
		{[]string{"--window=1"}, "conversions: --window=1: must be whole seconds, 1s to 24h, such as 30s, 1m or 1h"},
		{[]string{"--replace=perhaps"}, "conversions: --replace=perhaps: must be true or false"},
		{[]string{"--clicks=x"}, "conversions: --clicks is given without --orders; give " +
			"both, or neither for the sample"},
		{[]string{"--orders=x"}, "conversions: --orders is given without --clicks; give " +
			"both, or neither for the sample"},
		{[]string{"clicks.jsonl"}, `conversions: "clicks.jsonl" is not a flag, and conversions takes flags only; see --help`},
		{[]string{"--streaming"}, "conversions: --streaming=true: is for --runner=flink"},
		{[]string{"--runner=direct", "--flink_state_dir=s3://x/y"},
			"conversions: --flink_state_dir=s3://x/y: is for --runner=flink"},
		{[]string{"--runner=flink", "--flink_max_bundle_time=1s"},
			"conversions: --flink_max_bundle_time=1s: is for streams, and finished files are a batch; give " +
				"--streaming beside it, or live sources"},
		{[]string{"--runner=flink", "--endpoint=192.0.2.1:8099"},
			"conversions: --endpoint=192.0.2.1:8099: is another machine, whose TaskManagers don't reach this process " +
				"as their worker (LOOPBACK); give --environment_type=DOCKER or PROCESS beside it"},
		{[]string{"--dry_run"}, "conversions: --dry_run=true: is for --runner=dataflow"},
		{[]string{"--runner=direct", "--labels={}"}, "conversions: --labels={}: is for --runner=dataflow"},
		{[]string{"--runner=hadoop"}, "conversions: --runner=hadoop: must be one of prism, direct, flink, dataflow"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			status, out, errs := conversions(t, append([]string{"--lake=" + lake, "--warehouse=none"}, c.args...)...)
			assert.Equal(t, 2, status)
			assert.Equal(t, c.want+"\n", errs)
			assert.Empty(t, out)
		})
	}
	assert.NoDirExists(t, lake)
}

func TestASourceThatCantBeReadIsOneLineWithinSeconds(t *testing.T) {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	require.NoError(t, err)
	defer kafka.Close()
	broker := "kafka://" + kafka.ListenAddrs()[0]
	pubsub := pubsubtest.Start(t, []string{"clicks"}).URI("clicks")
	lake := t.TempDir() + "/lake"
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no broker", []string{"--clicks=kafka://127.0.0.1:1/clicks", "--orders=" + broker + "/orders"},
			"--clicks=kafka://127.0.0.1:1/clicks: can't be read: "},
		{"no topic", []string{"--clicks=" + broker + "/clicks", "--orders=" + broker + "/orders"}, "--clicks=" +
			broker + "/clicks: can't be read: "},
		{"a password", []string{"--clicks=kafka://user:sEcReT@h:1/clicks", "--orders=x"}, "must not hold a password"},
		{"a broker without a port", []string{"--clicks=kafka://h/clicks", "--orders=x"}, `broker "h" is not HOST:PORT`},
		{"a wrong stream", []string{"--clicks=kinesis://clicks/x?region=eu-west-1", "--orders=x"},
			"--clicks=kinesis://clicks/x?…: "},
		{"no Kinesis", []string{"--clicks=kinesis://clicks?region=eu-west-1&endpoint=http://127.0.0.1:1", "--orders=" +
			broker + "/orders"}, "can't be read: "},
		{"no subscription", []string{"--clicks=pubsub://shop", "--orders=x"},
			"--clicks=pubsub://shop: must be pubsub://PROJECT/SUBSCRIPTION"},
		{"credentials", []string{"--clicks=pubsub://key:sEcReT@shop/clicks", "--orders=x"},
			"must not hold credentials"},
		{"no Pub/Sub", []string{"--clicks=pubsub://shop/clicks?endpoint=127.0.0.1:1", "--orders=" + broker + "/orders"},
			"can't be read: projects/shop/subscriptions/clicks: Pub/Sub can't be reached"},
		{"a start for Pub/Sub", []string{"--clicks=" + pubsub, "--orders=" + broker + "/orders", "--start=earliest"},
			"--start=earliest: is not for Pub/Sub: "},
		{"no checkpoints for Pub/Sub", []string{"--clicks=" + pubsub, "--orders=" + broker +
			"/orders", "--runner=flink", "--flink_checkpoint_interval=0s"},
			"--flink_checkpoint_interval=0s: does not go with pubsub://"},
		{"no folder", []string{"--clicks=watch:/none/such/*", "--orders=" + broker + "/orders"},
			"--clicks=watch:/none/such/*: can't be read: "},
		{"live sources on direct", []string{"--clicks=" + broker + "/orders", "--orders=" + broker +
			"/orders", "--runner=direct"}, "--runner=direct: reads finished files only"},
		{"live sources that replace", []string{"--clicks=" + broker + "/orders", "--orders=" + broker +
			"/orders", "--replace"}, "--replace=true: is for finished files"},
		{"a start of files", []string{"--start=latest"}, "--start=latest: is for live sources"},
		{"a negative duration", []string{"--out_of_orderness=-1s"}, "--out_of_orderness=-1s: must be 0s or more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			status, out, errs := conversions(t, append([]string{"--lake=" + lake, "--warehouse=none"}, c.args...)...)
			assert.Equal(t, 2, status, c.args)
			assert.Contains(t, errs, c.want, c.args)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.NotContains(t, errs, "sEcReT")
			assert.Empty(t, out)
			assert.Less(t, time.Since(began), 10*time.Second, c.args)
		})
	}
	assert.NoDirExists(t, lake)
}

func TestHelpShowsOurFlagsFirst(t *testing.T) {
	status, out, errs := conversions(t, "--help")
	assert.Zero(t, status)
	assert.Empty(t, errs)
	own, beams, found := strings.Cut(out, "Beam's flags")
	require.True(t, found)
	for _, name := range []string{"clicks", "orders", "lake", "lake_format", "warehouse", "window", "allowed_lateness",
		"out_of_orderness", "start", "replace", "runner", "metrics_port"} {
		assert.Contains(t, own, "\n  --"+name)
		assert.NotContains(t, beams, "\n  --"+name+"\n")
	}
	assert.Contains(t, beams, "--endpoint")
	assert.Contains(t, own, "(default 10m)")
}

func TestARunEndsOnASummary(t *testing.T) {
	for _, runner := range []string{"prism", "direct"} {
		t.Run(runner, func(t *testing.T) {
			dir := t.TempDir()
			args := []string{"--lake=" + dir + "/lake", "--warehouse=sqlite:" + dir + "/w.db", "--runner=" + runner,
				"--clicks=testdata/rules/clicks.jsonl", "--orders=testdata/rules/orders.jsonl"}
			status, out, errs := conversions(t, args...)
			assert.Zero(t, status)
			assert.Empty(t, errs, "no progress where there is no terminal, and no log")
			for _, want := range []string{
				"read  counted  not_promotion  duplicate  malformed",
				"clicks    27       13              2          1         11",
				"orders    29       14              2          1         12",
				"malformed clicks: bad_timestamp 1, invalid_utf8 1, no_event 2, no_timestamp 2, not_json_object " +
					"2, wrong_type: Event 1, year_range 2",
				`"P601"       4       4    55.98   100.00 %        51.01 to 100.00 %`,
				`"P606"       1       2     6.00   200.00 %  more orders than clicks`,
				`"P607"       0       3     0.10  no clicks`,
				dir + "/w.db: tables clicks",
			} {
				assert.Contains(t, out, want)
			}

			other := append(args, "--window=2m")
			status, _, errs = conversions(t, other...)
			assert.Equal(t, 2, status)
			assert.Equal(t, 1, strings.Count(errs, "\n"))
			assert.Contains(t, errs, "--replace")
		})
	}
}

func TestASummarySaysWhatFilesAdd(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--lake=" + dir + "/lake", "--warehouse=none", "--runner=direct"}
	rules := append(args, "--clicks=testdata/rules/clicks.jsonl", "--orders=testdata/rules/orders.jsonl")
	_, out, _ := conversions(t, rules...)
	assert.NotContains(t, out, "Files:")
	status, out, errs := conversions(t, rules...)
	assert.Zero(t, status)
	assert.Contains(t, out, "Nothing is new: all rows of the 2 files are there, and nothing was written.\n")
	assert.Contains(t, out, "clicks    27       13              2          1         11")
	assert.Empty(t, errs)
	_, out, _ = conversions(t, append(rules, "--forget_before=1980-01-01")...)
	assert.Contains(t, out, "Files: 0 new; 2 skipped, unchanged")
	_, out, _ = conversions(t, append(rules, "--clicks=testdata/lenient/clicks.jsonl")...)
	assert.Contains(t, out, "Files: 1 new; 2 skipped, unchanged, since all of their rows are there; "+
		"2 read again for windows that they share with new ones.\n")

	status, _, errs = conversions(t, append(args, "--clicks=testdata/lenient/clicks.jsonl",
		"--orders=testdata/lenient/orders.jsonl", "--replace")...)
	assert.Zero(t, status)
	assert.Regexp(t, `--replace puts 21 clicks and 7 orders of this run, duplicates among them, in place of \d+ clicks `+
		`and \d+ orders in \d+ windows of the lake; \d+ windows lose some: 2026-11-01T00:00:00Z goes from `, errs)
}

func TestASummarySaysWhatWasAssumed(t *testing.T) {
	for _, runner := range []string{"prism", "direct"} {
		t.Run(runner, func(t *testing.T) {
			status, out, _ := conversions(t, "--lake="+t.TempDir(), "--warehouse=none", "--runner="+runner,
				"--clicks=testdata/lenient/clicks.jsonl", "--orders=testdata/lenient/orders.jsonl")
			assert.Zero(t, status)
			assert.Contains(t, out, "\n  Timestamps of clicks: "+
				"1 as numbers, taken as microseconds since 1970; 1 as numbers, taken as milliseconds since 1970; "+
				"1 as numbers, taken as nanoseconds since 1970; 4 as numbers, taken as seconds since 1970; "+
				"3 without a zone, taken as UTC\n")
			assert.Contains(t, out, "\n  Timestamps of orders: 1 as numbers, taken as milliseconds since 1970\n")

			_, out, _ = conversions(t, "--lake="+t.TempDir(), "--warehouse=none", "--runner="+runner)
			assert.NotContains(t, out, "Timestamps")
		})
	}
}

func TestARunThatFailsSaysWhatItWasDoing(t *testing.T) {
	for _, runner := range []string{"prism", "direct"} {
		t.Run(runner, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(dir+"/conversions", nil, 0o644)) // where a dataset has to be
			status, out, errs := conversions(t, "--lake="+dir, "--warehouse=none", "--runner="+runner)
			assert.Equal(t, 1, status)
			assert.Empty(t, out)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.Contains(t, errs, dir+"/conversions")
			assert.Less(t, len(errs), 400)
		})
	}
}
