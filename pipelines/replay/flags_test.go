package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adtoorder/pipelines/command"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// optionsOf parses and checks flags.
func optionsOf(args []string) (o options, err error) {
	var s settings
	flags := declare(&s)
	if _, _, err = command.Parse(flags, args); err == nil {
		o, err = s.options(flags)
	}
	return o, err
}

func TestEveryFlagArrives(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/w.db", nil, 0o644))
	o, err := optionsOf([]string{"--stream", "orders", "--reason", "too_late", "--reason=future",
		"--from", "2026-11-01", "--to", "2026-11-01T02:00:00.5+01:00", "--warehouse", "sqlite:" + dir +
			"/w.db", "--out", "r.jsonl.gz"})
	require.NoError(t, err)
	assert.Equal(t, "orders", o.selection.stream)
	assert.Equal(t, []string{"too_late", "future"}, o.selection.reasons)
	assert.Equal(t, "2026-11-01T00:00:00Z", o.selection.from.UTC().Format(time.RFC3339Nano))
	assert.Equal(t, "2026-11-01T01:00:00.5Z", o.selection.to.UTC().Format(time.RFC3339Nano))
	assert.Equal(t, "sqlite:"+dir+"/w.db", o.in.warehouse.String())
	assert.Equal(t, output{file: "r.jsonl.gz"}, o.out)

	o, err = optionsOf([]string{"--stream=clicks", "--lake=" + dir + "/", "--out=kafka://h:9092/fixed"})
	require.NoError(t, err)
	assert.Nil(t, o.in.warehouse)
	assert.Equal(t, dir, o.in.lake.Dir)
	assert.Equal(t, "kafka://h:9092/fixed", o.out.String())
	assert.Equal(t, selection{stream: "clicks"}, o.selection)
}

func TestTheLakeHasADefault(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := optionsOf([]string{"--stream=clicks", "--out=-"})
	assert.EqualError(t, err, `--lake=out/lake: must be a directory that is there`)
	require.NoError(t, os.MkdirAll("out/lake", 0o755))
	o, err := optionsOf([]string{"--stream=clicks", "--out=-"})
	require.NoError(t, err)
	assert.Equal(t, "out/lake", o.in.lake.Dir)
}

func TestBadFlags(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.Mkdir("lake", 0o755))
	require.NoError(t, os.Mkdir("d.jsonl", 0o755))
	require.NoError(t, os.WriteFile("file", nil, 0o644))
	const day, output = "must be a date such as 2026-11-01 or a time such as 2026-11-01T08:00:00Z",
		"must be a file ending in .jsonl or .jsonl.gz, kafka://HOST:PORT/TOPIC, or -"
	for _, test := range []struct{ args, want string }{
		{"--stream=click", `--stream=click: must be clicks or orders`},
		{"--stream=", `--stream=: must be clicks or orders`},
		{"--reason=", `--reason=: must be a reason or an outcome, such as bad_quantity or too_late`},
		{"--from=soon", `--from=soon: ` + day},
		{"--from=", `--from=: ` + day},
		{"--to=2026-11-01T08:00", `--to=2026-11-01T08:00: ` + day},
		{"--from=2026-11-02 --to=2026-11-02", `--to=2026-11-02: must be later than --from=2026-11-02`},
		{"--lake=none", `--lake=none: must be a directory that is there`},
		{"--lake=file", `--lake=file: must be a directory that is there`},
		{"--lake=/", `--lake=/: must be a directory, without any of *?[\ in its name`},
		{"--lake=l*", `--lake=l*: must be a directory, without any of *?[\ in its name`},
		{"--warehouse=sqlite:file", `--warehouse=sqlite:file: must not be given together with --lake=lake`},
		{"--out=", `--out=: ` + output},
		{"--out=r.json", `--out=r.json: ` + output},
		{"--out=kafka:h:1/t", `--out=kafka:h:1/t: ` + output},
		{"--out=d.jsonl", `--out=d.jsonl: must be a file, but is a directory or a device`},
		{"--rows=3", `--rows is not a flag; see --help`},
		{"--from", `--from needs a value; see --help`},
		{"x", `"x" is not a flag, and replay takes flags only; see --help`},
		{"--to=x --from=y", `--to=x: ` + day},
	} {
		t.Run(test.args, func(t *testing.T) {
			args := append([]string{"--stream=clicks", "--out=-", "--lake=lake"}, strings.Fields(test.args)...)
			status, stdout, stderr := runWith(args...)
			assert.Equal(t, 2, status)
			assert.Empty(t, stdout)
			assert.Equal(t, "replay: "+test.want+"\n", stderr)
		})
	}
	for value, want := range map[string]string{
		"":            `--warehouse=: must be sqlite:FILE, of a file that is there, or bigquery://PROJECT/DATASET`,
		"file":        `--warehouse=file: must be sqlite:FILE, of a file that is there, or bigquery://PROJECT/DATASET`,
		"sqlite:":     `--warehouse=sqlite:: must be sqlite:FILE, of a file that is there, or bigquery://PROJECT/DATASET`,
		"sqlite:none": `--warehouse=sqlite:none: must be sqlite:FILE, of a file that is there, or bigquery://PROJECT/DATASET`,
		"sqlite:lake": `--warehouse=sqlite:lake: must be sqlite:FILE, of a file that is there, or bigquery://PROJECT/DATASET`,
	} {
		t.Run(value, func(t *testing.T) {
			_, err := optionsOf([]string{"--stream=clicks", "--out=-", "--warehouse", value})
			assert.EqualError(t, err, want)
		})
	}
	left, err := filepath.Glob("*")
	require.NoError(t, err)
	assert.Equal(t, []string{"d.jsonl", "file", "lake"}, left, "nothing is made")
}

func TestABadTopicIsRefusedWithoutItsPassword(t *testing.T) {
	for _, uri := range []string{"kafka://me:hunter2@h:9092/t", "kafka://h:9092/t?password=hunter2", "kafka://h/t",
		"kafka://h:9092", "gs://hunter2/r.jsonl"} {
		t.Run(uri, func(t *testing.T) {
			status, _, stderr := runWith("--stream=clicks", "--lake="+t.TempDir(), "--out", uri)
			assert.Equal(t, 2, status)
			scheme, _, _ := strings.Cut(uri, "://")
			assert.Contains(t, stderr, `replay: --out=`+scheme+`://…: `)
			assert.Contains(t, stderr, "kafka://HOST:PORT")
			assert.NotContains(t, stderr, "hunter2")
			assert.Equal(t, 1, strings.Count(stderr, "\n"))
		})
	}
}

func TestHelpNamesEveryFlagAndTheCommand(t *testing.T) {
	status, stdout, stderr := runWith("--help")
	assert.Zero(t, status)
	assert.Empty(t, stderr)
	flags := 0
	order := groups[0].Flags
	declare(new(settings)).VisitAll(func(f *flag.Flag) {
		flags++
		assert.Contains(t, order, f.Name)
		assert.Contains(t, stdout, "\n  --"+f.Name+" ")
	})
	assert.Len(t, order, flags)
	assert.Contains(t, stdout, "(default out/lake)")
	assert.Contains(t, stdout, "go run ./pipelines/conversions --clicks 'in/clicks-*.jsonl' --clicks replay.jsonl "+
		"--orders 'in/orders-*.jsonl' --replace\n")
}
