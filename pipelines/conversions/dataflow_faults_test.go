package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"adtoorder/pipelines/dataflow/dataflowtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	api "google.golang.org/api/dataflow/v1b3"
)

func TestWhatDataflowCantBeToldIsOneLineAndStatus2(t *testing.T) {
	service := cloud(t)
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "clicks", "orders"))
	require.NoError(t, err)
	defer kafka.Close()
	broker := "kafka://" + kafka.ListenAddrs()[0]
	t.Setenv("KAFKA_PASSWORD", "sEcReT")
	before := service.Objects(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{with(batch, "--project="), "--project=: must be the id of a Google Cloud project"},
		{with(batch, "--project=My Shop"), "--project=My Shop: must be the id"},
		{with(batch, "--region="), "--region=: must be a region"},
		{with(batch, "--region=europe-west1-b"), "--region=europe-west1-b: must be a region (not a zone)"},
		{with(batch, "--staging_location="), "--staging_location=: must be gs://BUCKET/FOLDER"},
		{with(batch, "--staging_location=/tmp/x"), "--staging_location=/tmp/x: must be gs://BUCKET/FOLDER"},
		{with(batch, "--job_name=Evening"), "--job_name=Evening: must be lower-case letters"},
		{with(batch, "--labels=team=ads"), "--labels=team=ads: must be JSON"},
		{with(batch, "--environment_type=LOOPBACK"), "--environment_type=LOOPBACK: is not for Dataflow"},
		{with(batch, "--metrics_port=9100"), "--metrics_port=9100: is a page of this process"},
		{with(batch, "--template_location="+gs+"/t"), "--template_location=" + gs + "/t: makes a template"},
		{with(batch, "--update"), "--update=true: is for live sources"},
		{with(stream, "--update", "--start=latest"), "--start=latest: would mean another time"},
		{with(batch, "--lake=out/lake"), "--lake=out/lake: is a folder of this machine, and workers run " +
			"elsewhere; give gs://BUCKET/FOLDER"},
		{with(batch, "--lake=/mnt/lake"), "--lake=/mnt/lake: is a folder of this machine"},
		{with(batch, "--warehouse=sqlite:w.db"),
			"--warehouse=sqlite:w.db: is a file of this machine, and workers run elsewhere; give " +
				"bigquery://PROJECT/DATASET, none, or a runner on this machine"},
		{with(batch, "--clicks=testdata/rules/clicks.jsonl"),
			"--clicks=testdata/rules/clicks.jsonl: is on this machine, and workers run elsewhere"},
		{[]string{"--clicks=" + broker + "/clicks", "--orders=" + broker + "/orders"}, "--clicks=" + broker +
			"/clicks: its broker " + kafka.ListenAddrs()[0] + " is on this machine"},
		{with(batch, "--autoscaling_algorithm=MANY"), "--autoscaling_algorithm=MANY: must be NONE or THROUGHPUT_BASED"},
		{with(batch, "--experiments=disable_runner_v2"),
			"--experiments=disable_runner_v2: turns off what runs programs that are not written in Java"},
		{with(batch, "--worker_zone=europe-west1-b", "--worker_region=europe-west1"), "mutually exclusive"},
		{with(batch, "--use_public_ips", "--no_use_public_ips"),
			"--no_use_public_ips=true: does not go with --use_public_ips=true"},
		{with(batch, "--sdk_container_image=a", "--worker_harness_container_image=b"),
			"--worker_harness_container_image=b: does not go with --sdk_container_image"},
		{with(batch, "--resource_hints=much"), `unparsable resource hint: "much"`},
	} {
		t.Run(c.args[len(c.args)-1], func(t *testing.T) {
			status, out, errs := onDataflow(t, service, c.args...)
			assert.Equal(t, 2, status)
			assert.Contains(t, errs, c.want)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.Empty(t, out)
		})
	}
	assert.Empty(t, service.Jobs())
	assert.Equal(t, before, service.Objects(t))
}

// What the service refuses is one line that says what to do, and leaves the lake
// as it is where that turns out before the job is made.
func TestWhatDataflowRefusesIsOneLineAndStatus1(t *testing.T) {
	for _, c := range []struct {
		name   string
		break_ func(*dataflowtest.Service)
		args   []string
		want   []string
		begun  bool
	}{
		{"no permission", refusing("GET", 403, "forbidden", "The caller does not have permission"), nil,
			[]string{"looking for job conversions: The caller does not have permission (status 403); grant your " +
				"account roles/dataflow.developer in project shop-12345"}, false},
		{"no interface", refusing("GET", 403, "accessNotConfigured",
			"Dataflow API has not been used in project 1 before or it is disabled."), nil,
			[]string{"(status 403); enable it: gcloud services enable dataflow.googleapis.com --project=shop-12345"},
			false},
		{"no project", refusing("GET", 404, "notFound", "Requested entity was not found."), nil,
			[]string{"(status 404); check --project=shop-12345, --region=europe-west1"}, false},
		{"no bucket", nil, []string{"--staging_location=gs://no-such-bucket/x"},
			[]string{"there is no bucket gs://no-such-bucket; make it: gcloud storage buckets create " +
				"gs://no-such-bucket --project=shop-12345 --location=europe-west1"}, false},
		{"a job of the name", func(s *dataflowtest.Service) {
			s.Add(&api.Job{Id: "other", Name: "another", ProjectId: "shop-12345", CurrentState: "JOB_STATE_RUNNING"})
			s.Add(&api.Job{Id: "here", Name: "conversions", ProjectId: "shop-12345", CurrentState: "JOB_STATE_RUNNING"})
		}, nil, []string{"job conversions is active already, as here; drain job " +
			"conversions or have this one take its " +
			"place: go run ./launch/dataflow drain, or update"}, false},
		{"a job of the name, meanwhile", refusing("POST", 409, "alreadyExists",
			"The workflow could not be created, since it has an active job of this name."), nil,
			[]string{"a job of this name has become active; drain job conversions"}, true},
		{"no quota", refusing("POST", 429, "rateLimitExceeded",
			"Quota exceeded for quota metric 'Create requests'"), nil,
			[]string{"submitting job conversions: Quota exceeded for quota metric 'Create requests' (status 429); " +
				"wait, or ask for more quota: " +
				"https://console.cloud.google.com/iam-admin/quotas?project=shop-12345"}, true},
		{"nothing to update", nil, []string{"--update"},
			[]string{"no job conversions is active in project shop-12345 and region europe-west1, so there " +
				"is nothing to update"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			service := cloud(t)
			before := service.Objects(t)
			if c.break_ != nil {
				c.break_(service)
			}
			status, out, errs := onDataflow(t, service, with(with(stream, "--async"), c.args...)...)
			assert.Equal(t, 1, status)
			errs = strings.TrimPrefix(errs, "submitting the job\n")
			for _, want := range c.want {
				assert.Contains(t, errs, want)
			}
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.Empty(t, out)
			if !c.begun {
				assert.Equal(t, before, service.Objects(t))
			}
		})
	}
}

func refusing(method string, status int, reason, message string) func(*dataflowtest.Service) {
	return func(s *dataflowtest.Service) { s.Refuse(method, status, reason, message) }
}

func TestWithoutCredentialsItSaysHowToLogIn(t *testing.T) {
	service := cloud(t)
	service.Revoke()
	file := os.Getenv("GOOGLE_APPLICATION_CREDENTIALS")
	key, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, c := range []struct{ name, content, want string }{
		{"revoked", string(key), "the credentials of the environment are not accepted (status 400)"},
		{"of no kind", "{}", "looking for credentials in the environment: "},
		{"empty", "", "looking for credentials in the environment: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(file, []byte(c.content), 0o600))
			status, out, errs := onDataflow(t, service, with(batch, "--async")...)
			assert.Equal(t, 1, status)
			assert.Contains(t, errs, c.want)
			assert.Contains(t, errs, "; log in: gcloud auth application-default login")
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
			assert.Empty(t, out)
		})
	}
}

func TestARunThatWaitsEndsWithTheJob(t *testing.T) {
	service := cloud(t)
	service.Next("JOB_STATE_RUNNING", "JOB_STATE_DONE")
	status, out, errs := onDataflow(t, service, batch...)
	assert.Zero(t, status, errs)
	const job = "job 2026-11-01_00_00_00-1"
	assert.Equal(t, "submitting the job\n"+job+": running\n"+job+": done\n", errs)
	assert.Contains(t, out, "Ledger (records):", "the summary of the lake")
	assert.Contains(t, out, gs+"/lake/")
}

func TestAJobThatFailsSaysWhy(t *testing.T) {
	service := cloud(t)
	service.Next("JOB_STATE_FAILED")
	service.Tell("2026-11-01_00_00_00-1",
		"Startup of the worker pool in zone europe-west1-b failed:\nquota CPUS exceeded.")
	status, out, errs := onDataflow(t, service, batch...)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "job 2026-11-01_00_00_00-1 has failed: Startup of the worker pool in zone europe-west1-b "+
		"failed: quota CPUS exceeded; its page tells more: https://console.cloud.google.com/")
	assert.Equal(t, 3, strings.Count(errs, "\n"), errs)
	assert.Empty(t, out)
}

func TestAJobThatIsCancelledIsNotComplete(t *testing.T) {
	service := cloud(t)
	service.Next("JOB_STATE_CANCELLED")
	status, _, errs := onDataflow(t, service, batch...)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "was cancelled; its rows are not complete")
}

func TestAnUpdateTakesThePlaceOfTheJob(t *testing.T) {
	service := cloud(t)
	old := &api.Job{Id: "old", Name: "conversions", ProjectId: "shop-12345", CurrentState: "JOB_STATE_RUNNING"}
	service.Add(old)
	service.Next("JOB_STATE_PENDING", "JOB_STATE_RUNNING")
	status, out, errs := onDataflow(t, service, with(stream, "--async", "--update", `--transform_name_mapping={"engine.oldRows":"engine.clickRows"}`)...)
	require.Zero(t, status, errs)
	assert.Contains(t, errs, "job 2026-11-01_00_00_00-2: running\n")
	assert.Contains(t, out, "job 2026-11-01_00_00_00-2\n")
	require.Len(t, service.Jobs(), 2)
	assert.Equal(t, "old", service.Jobs()[1].ReplaceJobId)
	assert.Equal(t, map[string]string{"engine.oldRows": "engine.clickRows"}, service.Jobs()[1].TransformNameMapping)

	refused := cloud(t)
	refused.Add(old)
	refused.Next("JOB_STATE_FAILED")
	refused.Tell("2026-11-01_00_00_00-2",
		"The new job is not compatible with old. The original job has not been aborted.")
	status, _, errs = onDataflow(t, refused, with(stream, "--async", "--update")...)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "has failed: The new job is not compatible with old. The "+
		"original job has not been aborted; ")
	assert.Contains(t, errs, "if the service has refused the update, the job before goes on\n")
}

// A password of Kafka stays where it is: workers don't have it, and nothing else does.
func TestDataflowIsNotToldPasswords(t *testing.T) {
	service := cloud(t)
	for _, clicks := range []string{"kafka://user:sEcReT@h:1/clicks", "kafka://h:1/clicks?password=sEcReT",
		"kinesis://key:sEcReT@clicks?region=eu-west-1",
		"kinesis://clicks?region=eu-west-1&endpoint=http://u:sEcReT@h"} {
		t.Run(clicks, func(t *testing.T) {
			status, out, errs := onDataflow(t, service, "--clicks="+clicks, "--orders="+gs+"/in/orders-*", "--dry_run")
			assert.Equal(t, 2, status)
			assert.Empty(t, out)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
		})
	}
	job, err := json.Marshal(service.Jobs())
	require.NoError(t, err)
	assert.False(t, bytes.Contains(job, []byte("sEcReT")))
}
