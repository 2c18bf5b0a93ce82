package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/pipelines/dataflow/dataflowtest"

	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	api "google.golang.org/api/dataflow/v1b3"
	"google.golang.org/protobuf/proto"
)

const gs = "gs://" + dataflowtest.Bucket

// cloud starts a cloud with input in its bucket.
func cloud(t *testing.T) *dataflowtest.Service {
	t.Helper()
	service := dataflowtest.Start(t)
	for _, stream := range []string{"clicks", "orders"} {
		content, err := os.ReadFile("../../testdata/rules/" + stream + ".jsonl")
		require.NoError(t, err)
		service.Put("in/"+stream+"-1.jsonl", content)
	}
	return service
}

// onDataflow runs the program with a worker that is not one, and these flags.
func onDataflow(t *testing.T, service *dataflowtest.Service, args ...string) (status int, out, errs string) {
	t.Helper()
	worker := filepath.Join(t.TempDir(), "worker")
	require.NoError(t, os.WriteFile(worker, []byte("a worker"), 0o755))
	return conversions(t, append([]string{"--runner=dataflow", "--project=shop-12345", "--region=europe-west1",
		"--staging_location=" + gs + "/staging",
		"--dataflow_endpoint=" + service.URL, "--worker_binary=" + worker, "--lake=" + gs +
			"/lake", "--warehouse=none"}, args...)...)
}

var (
	batch  = []string{"--clicks=" + gs + "/in/clicks-*", "--orders=" + gs + "/in/orders-*"}
	stream = []string{"--clicks=watch:" + gs + "/in/clicks-*", "--orders=watch:" + gs + "/in/orders-*"}
)

func with(args []string, more ...string) []string {
	return append(append([]string{}, args...), more...)
}

// options are what a job carries for the workers, and for its page.
type options struct {
	Go struct {
		Options map[string]string `json:"options"`
	} `json:"beam:option:go_options:v1"`
	Options struct{ PipelineURL, PipelineProtoHash string } `json:"options"`
}

// submitted returns the only job that there is, with its options and its graph
// as it is staged.
func submitted(t *testing.T, service *dataflowtest.Service) (job *api.Job, o options, graph *pipepb.Pipeline) {
	t.Helper()
	require.Len(t, service.Jobs(), 1)
	job = service.Jobs()[0]
	require.NoError(t, json.Unmarshal(job.Environment.SdkPipelineOptions, &o))
	staged := service.Objects(t)[strings.TrimPrefix(o.Options.PipelineURL, gs+"/")]
	sum := sha256.Sum256(staged)
	assert.Equal(t, o.Options.PipelineProtoHash, hex.EncodeToString(sum[:]))
	graph = new(pipepb.Pipeline)
	require.NoError(t, proto.Unmarshal(staged, graph))
	return job, o, graph
}

func steps(graph *pipepb.Pipeline) (names []string) {
	for _, step := range graph.Components.Transforms {
		names = append(names, step.UniqueName)
	}
	return names
}

func TestDataflowGetsABatch(t *testing.T) {
	service := cloud(t)
	status, out, errs := onDataflow(t, service, with(batch, "--async", `--labels={"team":"ads","stage":"test_1"}`,
		"--dataflow_service_options=enable_prime,x=y",
		"--max_num_workers=3", "--worker_machine_type=e2-standard-2",
		"--service_account_email=w@shop-12345.iam.gserviceaccount.com",
		"--network=shop", "--subnetwork=regions/europe-west1/subnetworks/shop", "--job_name=evening")...)
	require.Zero(t, status, errs)
	assert.Equal(t, "submitting the job\n", errs)
	assert.Equal(t, "job 2026-11-01_00_00_00-1\nhttps://console.cloud.google.com/dataflow/jobs/europe-west1/2026-11-01_00_00_00-1?project=shop-12345\n", out)

	job, o, graph := submitted(t, service)
	assert.Equal(t, "evening", job.Name)
	assert.Equal(t, "shop-12345", job.ProjectId, "and not that of the credentials")
	assert.Equal(t, "europe-west1", job.Location)
	assert.Equal(t, "JOB_TYPE_BATCH", job.Type)
	assert.Equal(t, map[string]string{"team": "ads", "stage": "test_1"}, job.Labels)
	e := job.Environment
	assert.Equal(t, []string{"enable_prime", "x=y"}, e.ServiceOptions)
	assert.Equal(t, "w@shop-12345.iam.gserviceaccount.com", e.ServiceAccountEmail)
	assert.Equal(t, gs+"/staging/tmp", e.TempStoragePrefix)
	assert.Contains(t, e.Experiments, "use_runner_v2")
	assert.NotContains(t, e.Experiments, "enable_streaming_engine")
	pool := e.WorkerPools[0]
	assert.EqualValues(t, 3, pool.AutoscalingSettings.MaxNumWorkers)
	assert.Equal(t, "e2-standard-2", pool.MachineType)
	assert.Equal(t, "shop", pool.Network)
	assert.Equal(t, "regions/europe-west1/subnetworks/shop", pool.Subnetwork)
	staged := service.Objects(t)[strings.TrimPrefix(pool.Packages[0].Location, gs+"/")]
	sum := sha256.Sum256(staged)
	assert.Equal(t, "a worker", string(staged))
	assert.Equal(t, hex.EncodeToString(sum[:]), pool.Packages[0].Sha256)

	golden, err := os.ReadFile("../engine/testdata/names/files.txt")
	require.NoError(t, err)
	assert.Subset(t, strings.Split(string(golden), "\n"), steps(graph), "all but the warehouse's")
	for _, step := range []string{"clicks/files.Read/files.readFn", "conversion.Join/CoGBK",
		"Write.conversions/lake.Write.conversions/Files/engine.ConversionRow]"} {
		assert.Contains(t, steps(graph), step)
	}
	assert.Equal(t, gs+"/in/clicks-*", o.Go.Options["clicks"], "the page shows what was given")
	assert.NotContains(t, o.Go.Options, "worker_binary")
	assert.NotContains(t, o.Go.Options, "dry_run")
	assert.Contains(t, service.Objects(t), "lake/.origin.json", "the lake is ready")
}

func TestDataflowGetsAStream(t *testing.T) {
	service := cloud(t)
	status, _, errs := onDataflow(t, service, with(stream, "--async", "--start=latest", "--max_num_workers=3")...)
	require.Zero(t, status, errs)
	job, o, graph := submitted(t, service)
	assert.Equal(t, "JOB_TYPE_STREAMING", job.Type)
	assert.Equal(t, "conversions", job.Name)
	assert.Contains(t, job.Environment.Experiments, "enable_streaming_engine")
	assert.Contains(t, steps(graph), "clicks/watch:gs "+dataflowtest.Bucket+
		" in clicks-*/unbounded.Read/unbounded.readFn")
	assert.Regexp(t, `^20\d\d-.*Z$`, o.Go.Options["start"], "what latest means is fixed")
	assert.Contains(t, function(t, graph, "clicks-*/unbounded.Read/unbounded.readFn"), `"Readers":1`,
		"it has one partition")
}

// function returns the encoded DoFn of a step whose name ends so.
func function(t *testing.T, graph *pipepb.Pipeline, name string) string {
	t.Helper()
	for _, step := range graph.Components.Transforms {
		if strings.HasSuffix(step.UniqueName, name) {
			var payload pipepb.ParDoPayload
			require.NoError(t, proto.Unmarshal(step.Spec.Payload, &payload))
			text, err := base64.StdEncoding.DecodeString(string(payload.DoFn.Payload))
			require.NoError(t, err)
			return string(text)
		}
	}
	t.Fatalf("no step %s", name)
	return ""
}

// Nothing that a job carries, stages or prints has the credentials.
func TestDataflowCarriesNoCredentials(t *testing.T) {
	service := cloud(t)
	status, out, errs := onDataflow(t, service, with(stream, "--async")...)
	require.Zero(t, status, errs)
	job, err := json.Marshal(service.Jobs())
	require.NoError(t, err)
	everything := map[string][]byte{"job": job, "out": []byte(out), "errs": []byte(errs)}
	for name, content := range service.Objects(t) {
		everything[name] = content
	}
	for name, content := range everything {
		for _, secret := range []string{dataflowtest.Token, service.Key[40:80],
			os.Getenv("GOOGLE_APPLICATION_CREDENTIALS")} {
			assert.False(t, bytes.Contains(content, []byte(secret)), "%s has %q", name, secret)
		}
	}
}

func TestADryRunSubmitsNothing(t *testing.T) {
	service := cloud(t)
	before := service.Objects(t)
	status, out, errs := onDataflow(t, service, with(batch, "--dry_run")...)
	require.Zero(t, status, errs)
	assert.Empty(t, errs)
	assert.Contains(t, out, "\n  conversion.Join/conversion.joinFn\n")
	_, text, _ := strings.Cut(out, "The job:\n")
	var job api.Job
	require.NoError(t, json.Unmarshal([]byte(text), &job))
	assert.Equal(t, "JOB_TYPE_BATCH", job.Type)
	assert.Equal(t, "conversions", job.Name)
	assert.Empty(t, service.Jobs())
	assert.Equal(t, before, service.Objects(t))
}
