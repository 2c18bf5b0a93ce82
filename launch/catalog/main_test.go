package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"adtoorder/io/testenv"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	testenv.SetUp()
	now = func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }
	os.Exit(m.Run())
}

// runWith runs the program.
func runWith(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// wants runs the program and wants it to succeed; it returns what it printed.
func wants(t *testing.T, args []string) string {
	t.Helper()
	status, out, errs := runWith(t, args...)
	require.Zero(t, status, errs)
	assert.Empty(t, errs)
	return out
}

// refuses runs the program and wants it to end with a status and one line.
func refuses(t *testing.T, args []string, status int, line string) {
	t.Helper()
	got, _, errs := runWith(t, args...)
	assert.Equal(t, status, got, errs)
	assert.Equal(t, line, strings.TrimPrefix(strings.TrimSpace(errs), "catalog: "))
	assert.NotContains(t, strings.TrimSpace(errs), "\n", "one line")
}

func TestFlagsThatCantBeUsed(t *testing.T) {
	for args, want := range map[string]string{
		"":                                 "--target=: must be bigquery or glue",
		"--target hive --lake gs://b/lake": "--target=hive: must be bigquery or glue",
		"--target glue --lake s3://b/lake --database ads --dataset " +
			"bigquery://p/d": "--target=glue: has no --dataset, " +
			"which is for bigquery",
		"--target bigquery --lake gs://b/lake --database ads": "--target=bigquery: has no " +
			"--database, which is for glue",
		"--target bigquery --lake gs://b/lake --lake_format csv --dataset bigquery://p/d": "--lake_format=csv: must " +
			"be one of parquet, jsonl",
		"--target bigquery --lake s3://b/lake --dataset bigquery://p/d": "--lake=s3://b/lake: must be " +
			"gs://BUCKET/PATH, where bigquery can read the files; without any of *?[\\{}#$ and spaces",
		"--target glue --lake out/lake --database ads": "--lake=out/lake: must be s3://BUCKET/PATH, where glue can " +
			"read the files; without any of *?[\\{}#$ and spaces",
		"--target glue --lake s3:// --database ads": "--lake=s3://: must be s3://BUCKET/PATH, where glue " +
			"can read the files; without any of *?[\\{}#$ and spaces",
		"--target glue --lake s3://b/a*b --database ads": "--lake=s3://b/a*b: must be s3://BUCKET/PATH, where glue " +
			"can read the files; without any of *?[\\{}#$ and spaces",
		"--target glue --lake s3://b/lake": "--database=: must be a name of lower-case letters, digits " +
			"and _, such as ads",
		"--target glue --lake s3://b/lake --database Ads": "--database=Ads: must be a name of lower-case letters, " +
			"digits and _, such as ads",
		"--target glue --lake s3://b/lake --database ads --endpoint localhost:5000": "--endpoint=…: " +
			"must be http[s]://HOST[:PORT]",
		"--target bigquery --lake gs://b/lake": "--dataset=://…: must be bigquery://PROJECT/DATASET[?location=EU]",
		"--target bigquery --lake gs://b/lake --dataset bigquery://u:secret@p/d": "--dataset=bigquery://…: a URI " +
			"must not hold credentials: BigQuery finds them in the environment; must be " +
			"bigquery://PROJECT/DATASET[?location=EU]",
		"--tables x": "--tables is not a flag; see --help",
		"glue":       `"glue" is not a flag, and catalog takes flags only; see --help`,
	} {
		t.Run(args, func(t *testing.T) {
			refuses(t, strings.Fields(args), 2, want)
		})
	}
}

func TestHelp(t *testing.T) {
	help := wants(t, []string{"--help"})
	for _, name := range []string{"target", "lake", "lake_format", "dataset", "database", "region", "endpoint"} {
		assert.Contains(t, help, "\n  --"+name+" ")
	}
}
