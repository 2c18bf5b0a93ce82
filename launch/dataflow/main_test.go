package main

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/dataflow/dataflowtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const gs = "gs://" + dataflowtest.Bucket

// ran runs the program.
func ran(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// at are the flags of a job in a project, behind a command.
func at(command string, more ...string) []string {
	return append([]string{command, "--project=shop-12345", "--region=europe-west1"}, more...)
}

func TestWhatIsWrongIsOneLineAndStatus2(t *testing.T) {
	staged := "--staging_location=" + gs + "/staging"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"fly"}, `dataflow: "fly" is not a command; must be one of submit, update, drain, status; see --help`},
		{[]string{"submit", "--wings=2"}, "--wings is not a flag; see --help"},
		{[]string{"submit", "--clicks=x"}, "--clicks is not a flag; see --help"},
		{[]string{"submit", "x"}, `"x" is too much for submit; the flags of pipelines/conversions stand behind --`},
		{[]string{"submit", "--max_num_workers=many"}, "--max_num_workers=many: must be a whole number"},
		{[]string{"drain", "x"}, `"x" is not a flag, and drain takes flags only`},
		{[]string{"drain", "--", "--clicks=x"}, `"--clicks=x" stands behind --, where drain takes nothing`},
		{[]string{"drain", "--wait"}, "--wait is not a flag; see --help"},
		{[]string{"submit", "--transform_name_mapping={}"}, "--transform_name_mapping is not a flag; see --help"},
		{[]string{"submit"}, "--project=: must be the id of a Google Cloud project"},
		{[]string{"status"}, "--project=: must be the id of a Google Cloud project"},
		{[]string{"submit", "--project=shop-12345"}, "--region=: must be a region"},
		{at("submit"), "--staging_location=: must be gs://BUCKET/FOLDER"},
		{at("submit", staged, "--job_name=My Job"), "--job_name=My Job: must be lower-case letters"},
		{at("submit", staged, "--labels=team"), "--labels=team: must be KEY=VALUE,…, each key once"},
		{at("submit", staged, "--labels=Team=x"), `key "Team": must be at most 63 lower-case letters`},
		{at("submit", staged, "--", "--runner=flink"), "--runner behind -- has no effect: it is dataflow"},
		{at("submit", staged, "--", "--async"), "--async behind -- has no effect: "},
		{at("submit", staged, "--", "--update"), "--update behind -- has no effect: it is a command"},
		{at("submit", staged, "--", "-project", "x"),
			"--project behind -- has no effect: give --project in front of --"},
		{at("update", staged, "--transform_name_mapping=a=b"), "--transform_name_mapping=a=b: must be JSON"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			status, out, errs := ran(t, c.args...)
			assert.Equal(t, 2, status)
			assert.Contains(t, errs, c.want)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.Empty(t, out)
		})
	}
}

func TestHelpNamesEveryCommandAndFlag(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"help"}, {"submit", "--help"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			status, out, errs := ran(t, args...)
			assert.Zero(t, status)
			assert.Empty(t, errs)
			for _, want := range []string{"submit", "update", "drain", "status", "--wait", "--job_id",
				"--transform_name_mapping", "--max_num_workers"} {
				assert.Contains(t, out, "\n  "+want)
			}
		})
	}
}

// The worker that is staged is the engine, for Dataflow's machines.
func TestSubmitBuildsTheWorkerAndStagesIt(t *testing.T) {
	service := dataflowtest.Start(t)
	for _, stream := range []string{"clicks", "orders"} {
		content, err := os.ReadFile("../../testdata/rules/" + stream + ".jsonl")
		require.NoError(t, err)
		service.Put("in/"+stream+".jsonl", content)
	}
	args := at("submit", "--staging_location="+gs+"/staging", "--dataflow_endpoint="+service.URL,
		"--labels=team=ads,stage=test", "--max_num_workers=2",
		"--", "--clicks="+gs+"/in/clicks.jsonl", "--orders="+gs+"/in/orders.jsonl", "--lake="+gs+"/lake",
		"--warehouse=none", "--experiments=shuffle_mode=service")
	status, out, errs := ran(t, args...)
	require.Zero(t, status, errs)
	assert.Equal(t, "building the worker\nsubmitting the job\n", errs)
	assert.Equal(t, "job 2026-11-01_00_00_00-1\nhttps://console.cloud.google.com/dataflow/jobs/europe-west1/2026-11-01_00_00_00-1?project=shop-12345\n", out)
	require.Len(t, service.Jobs(), 1)
	job := service.Jobs()[0]
	assert.Equal(t, "conversions", job.Name)
	assert.Equal(t, "JOB_TYPE_BATCH", job.Type)
	assert.Equal(t, map[string]string{"team": "ads", "stage": "test"}, job.Labels)
	assert.Contains(t, job.Environment.Experiments, "shuffle_mode=service")

	worker := job.Environment.WorkerPools[0].Packages[0]
	staged := service.Objects(t)[strings.TrimPrefix(worker.Location, gs+"/")]
	sum := sha256.Sum256(staged)
	assert.Equal(t, hex.EncodeToString(sum[:]), worker.Sha256)
	program, err := elf.NewFile(bytes.NewReader(staged))
	require.NoError(t, err)
	assert.Equal(t, elf.EM_X86_64, program.Machine)
	libraries, err := program.ImportedLibraries()
	require.NoError(t, err)
	assert.Empty(t, libraries, "built without cgo, it needs nothing of the workers' image")
	assert.True(t, bytes.Contains(staged, []byte("adtoorder/pipelines/engine")))

	// The same again is refused, by the program that submits: its words, and its status.
	status, out, errs = ran(t, args...)
	assert.Equal(t, 1, status)
	assert.Empty(t, out)
	assert.Contains(t, errs, "conversions: job conversions is active already")
	assert.Equal(t, 2, strings.Count(errs, "\n"), errs)

	status, _, errs = ran(t, append(args, "--window=1")...)
	assert.Equal(t, 2, status)
	assert.Contains(t, errs, "conversions: --window=1: must be whole seconds")
}

func TestUpdateHandsItsFlagsOn(t *testing.T) {
	var o options
	flags := declare("update", &o)
	_, behind, err := command.Parse(flags, []string{"--project=p", "--labels=a=b", "--dry_run",
		`--transform_name_mapping={"a":"b"}`, "--", "--clicks=x"})
	require.NoError(t, err)
	o.take(flags, command.Call{Behind: behind})
	o.job.Update, o.job.Labels = true, `{"a":"b"}`
	assert.Equal(t, []string{"--clicks=x", "--dry_run=true", `--labels={"a":"b"}`, "--project=p",
		`--transform_name_mapping={"a":"b"}`,
		"--runner=dataflow", "--update", "--async"}, o.passed())
	o.wait = true
	assert.NotContains(t, o.passed(), "--async")
}

func TestADryRunIsPassedOn(t *testing.T) {
	service := dataflowtest.Start(t)
	for _, stream := range []string{"clicks", "orders"} {
		service.Put("in/"+stream, []byte("{}\n"))
	}
	status, out, errs := ran(t, at("submit", "--staging_location="+gs+"/staging", "--dataflow_endpoint="+service.URL,
		"--dry_run",
		"--", "--clicks="+gs+"/in/clicks", "--orders="+gs+"/in/orders", "--lake="+gs+"/lake", "--warehouse=none")...)
	require.Zero(t, status, errs)
	_, text, _ := strings.Cut(out, "The job:\n")
	assert.True(t, json.Valid([]byte(text)), out)
	assert.Empty(t, service.Jobs())
	assert.Len(t, service.Objects(t), 2)
}
