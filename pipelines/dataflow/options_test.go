package dataflow

import (
	"strings"
	"testing"

	"adtoorder/io/files"
	"adtoorder/io/lake"
	"adtoorder/io/unbounded"
	"adtoorder/io/unbounded/folder"
	"adtoorder/io/unbounded/kafka"
	"adtoorder/io/unbounded/kinesis"
	"adtoorder/pipelines/engine"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var valid = Flags{
	JobOptions:      dataflowlib.JobOptions{Project: "shop-12345", Region: "europe-west1"},
	StagingLocation: "gs://bucket/staging", JobName: "conversions",
}

func TestCheckNamesTheFlag(t *testing.T) {
	require.NoError(t, valid.Check())
	for _, c := range []struct {
		name string
		edit func(*Flags)
		want string // "" where the flags can be used
	}{
		{"Project=example.com:shop-12345", func(f *Flags) { f.Project = "example.com:shop-12345" }, ""},
		{"Project=shop", func(f *Flags) { f.Project = "shop" }, "--project=shop: "},
		{"Project=12345678", func(f *Flags) { f.Project = "12345678" }, "--project=12345678: "},
		{"Region=northamerica-northeast1", func(f *Flags) { f.Region = "northamerica-northeast1" }, ""},
		{"Region=europe", func(f *Flags) { f.Region = "europe" }, "--region=europe: "},
		{"StagingLocation=gs://bucket", func(f *Flags) { f.StagingLocation = "gs://bucket" }, ""},
		{"StagingLocation=s3://bucket/x", func(f *Flags) {
			f.StagingLocation = "s3://bucket/x"
		}, "--staging_location=s3://bucket/x: "},
		{"StagingLocation=gs://bucket/*", func(f *Flags) {
			f.StagingLocation = "gs://bucket/*"
		}, "--staging_location=gs://bucket/*: "},
		{"TempLocation=tmp", func(f *Flags) { f.TempLocation = "tmp" }, "--temp_location=tmp: "},
		{"JobName=a", func(f *Flags) { f.JobName = "a" }, ""},
		{"JobName=a-", func(f *Flags) { f.JobName = "a-" }, "--job_name=a-: "},
		{"JobName=1a", func(f *Flags) { f.JobName = "1a" }, "--job_name=1a: "},
		{"JobName=a_b", func(f *Flags) { f.JobName = "a_b" }, "--job_name=a_b: "},
		{"JobName=1025 times a", func(f *Flags) { f.JobName = strings.Repeat("a", 1025) }, "--job_name=aaa"},
		{"ServiceAccountEmail=me", func(f *Flags) { f.ServiceAccountEmail = "me" }, "--service_account_email=me: "},
		{"ServiceOptions=a,,b", func(f *Flags) { f.ServiceOptions = "a,,b" }, "--dataflow_service_options=a,,b: "},
		{"ServiceOptions=a, b", func(f *Flags) { f.ServiceOptions = "a, b" }, "--dataflow_service_options=a, b: "},
		{"NumWorkers=-1", func(f *Flags) { f.NumWorkers = -1 }, "--num_workers=-1: "},
		{"MaxNumWorkers=-1", func(f *Flags) { f.MaxNumWorkers = -1 }, "--max_num_workers=-1: "},
		{"NumWorkers, MaxNumWorkers=3, 2", func(f *Flags) {
			f.NumWorkers, f.MaxNumWorkers = 3, 2
		}, "--num_workers=3: is more than --max_num_workers=2"},
		{"NumWorkers=3", func(f *Flags) { f.NumWorkers = 3 }, ""},
		{"MachineType=n1-standard-4", func(f *Flags) { f.MachineType = "n1-standard-4" }, ""},
		{"MachineType=large", func(f *Flags) { f.MachineType = "large" }, "--worker_machine_type=large: "},
		{"MachineType=t2a-standard-1", func(f *Flags) {
			f.MachineType = "t2a-standard-1"
		}, "--worker_machine_type=t2a-standard-1: is an Arm machine"},
		{"Network=default", func(f *Flags) { f.Network = "default" }, ""},
		{"Network=a b", func(f *Flags) { f.Network = "a b" }, "--network=a b: "},
		{"Subnetwork=regions/europe-west1/subnetworks/s", func(f *Flags) {
			f.Subnetwork = "regions/europe-west1/subnetworks/s"
		}, ""},
		{"Subnetwork=https://www.googleapis.com/compute/v1/projects/p/regions/europe-west1/subnetworks/s", func(f *Flags) {
			f.Subnetwork = "https://www.googleapis.com/compute/v1/projects/p/regions/europe-west1/subnetworks/s"
		}, ""},
		{"Subnetwork=s", func(f *Flags) {
			f.Subnetwork = "s"
		}, "--subnetwork=s: must be regions/REGION/subnetworks/NAME"},
		{"Subnetwork=regions/us-east1/subnetworks/s", func(f *Flags) {
			f.Subnetwork = "regions/us-east1/subnetworks/s"
		}, "is not in --region=europe-west1"},
		{"Endpoint=http://127.0.0.1:1234/", func(f *Flags) { f.Endpoint = "http://127.0.0.1:1234/" }, ""},
		{"Endpoint=127.0.0.1:1234", func(f *Flags) { f.Endpoint = "127.0.0.1:1234" }, "--dataflow_endpoint=…: "},
		{"Endpoint=https://me:sEcReT@host/", func(f *Flags) {
			f.Endpoint = "https://me:sEcReT@host/"
		}, "--dataflow_endpoint=…: "},
		{"EnvironmentType=DOCKER", func(f *Flags) { f.EnvironmentType = "DOCKER" }, ""},
		{"EnvironmentType=PROCESS", func(f *Flags) { f.EnvironmentType = "PROCESS" }, "--environment_type=PROCESS: "},
		{"TransformMapping={}", func(f *Flags) {
			f.TransformMapping = "{}"
		}, "--transform_name_mapping={}: is for an update"},
		{"Update, TransformMapping=true, a=b", func(f *Flags) {
			f.Update, f.TransformMapping = true, "a=b"
		}, "--transform_name_mapping=a=b: must be JSON"},
		{`Labels={"a":"","ä":"1_-"}`, func(f *Flags) { f.Labels = `{"a":"","ä":"1_-"}` }, ""},
		{"Labels=a=b", func(f *Flags) { f.Labels = `a=b` }, "--labels=a=b: must be JSON"},
		{`Labels={"":"b"}`, func(f *Flags) { f.Labels = `{"":"b"}` }, `key "": `},
		{`Labels={"1a":"b"}`, func(f *Flags) { f.Labels = `{"1a":"b"}` }, `key "1a": `},
		{`Labels={"Team":"b"}`, func(f *Flags) { f.Labels = `{"Team":"b"}` }, `key "Team": `},
		{`Labels={"a":"B"}`, func(f *Flags) { f.Labels = `{"a":"B"}` }, `value "B": `},
		{`Labels={"a":"64 times b"}`, func(f *Flags) {
			f.Labels = `{"a":"` + strings.Repeat("b", 64) + `"}`
		}, `value "bbb`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := valid
			c.edit(&f)
			err := f.Check()
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			if assert.ErrorAs(t, err, new(*engine.FlagError), c.want) {
				assert.Contains(t, err.Error(), c.want)
				assert.NotContains(t, err.Error(), "sEcReT")
				assert.NotContains(t, err.Error(), "\n")
			}
		})
	}
}

func TestLabelsAsBeamWantsThem(t *testing.T) {
	for text, want := range map[string]string{"": "", "team=ads": `{"team":"ads"}`, "b=,a=1": `{"a":"1","b":""}`,
		"a=b=c": `{"a":"b=c"}`} {
		t.Run(text, func(t *testing.T) {
			got, err := FlagOfLabels(text)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
	for _, text := range []string{"team", "a=1,", "a=1,a=2"} {
		t.Run(text, func(t *testing.T) {
			_, err := FlagOfLabels(text)
			assert.ErrorContains(t, err, "--labels="+text+": must be KEY=VALUE")
		})
	}
}

func TestReadersFollowTheWorkers(t *testing.T) {
	assert.Equal(t, 4, valid.Readers())
	f := valid
	f.NumWorkers = 2
	assert.Equal(t, 2, f.Readers())
	f.MaxNumWorkers = 20
	assert.Equal(t, 20, f.Readers())
}

// Workers lack what the environment of this machine has, unless in an image of
// one's own.
func TestReach(t *testing.T) {
	in := func(i engine.Input) engine.Options { return engine.Options{Orders: i} }
	plain := engine.Options{Lake: lake.Lake{Dir: "gs://b/lake"},
		Clicks: engine.Input{Unbounded: []unbounded.Source{kafka.Source{Brokers: "a:1,10.0.0.2:1", Topic: "t",
			TLS: true}, folder.Source{Pattern: "gs://b/x-*"}}, Files: []files.File{{Path: "gs://b/x"}}}}
	assert.NoError(t, valid.Reach(plain))
	own := valid
	own.Image = "europe-docker.pkg.dev/shop-12345/workers/go"
	for _, c := range []struct {
		name    string
		o       engine.Options
		want    string
		inImage bool
	}{
		{"a lake in S3", engine.Options{Lake: lake.Lake{Dir: "s3://b/lake"}},
			"--lake=s3://b/lake: needs AWS credentials", true},
		{"Kinesis", in(engine.Input{Unbounded: []unbounded.Source{kinesis.Source{Stream: "o"}}}),
			"--orders=kinesis://o: needs AWS credentials", true},
		{"a folder in S3", in(engine.Input{Unbounded: []unbounded.Source{folder.Source{Pattern: "s3://b/x-*"}}}),
			"--orders=watch:s3://b/x-*: needs AWS", true},
		{"files in S3", in(engine.Input{Files: []files.File{{Path: "s3://b/x"}}}), "--orders=s3://b/x: needs AWS",
			true},
		{"a password", in(engine.Input{Unbounded: []unbounded.Source{kafka.Source{Brokers: "a:1", Topic: "t",
			SASL: "plain", PasswordFrom: "PASS"}}}), "needs the variable PASS", true},
		{"a certificate", in(engine.Input{Unbounded: []unbounded.Source{kafka.Source{Brokers: "a:1", Topic: "t",
			CA: "ca.pem"}}}), "ca= a file", true},
		{"a broker here", in(engine.Input{Unbounded: []unbounded.Source{kafka.Source{Brokers: "a:1,localhost:1",
			Topic: "t"}}}), "is on this machine", false},
		{"a broker here, of IPv6", in(engine.Input{Unbounded: []unbounded.Source{kafka.Source{Brokers: "[::1]:1",
			Topic: "t"}}}), "is on this machine", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := valid.Reach(c.o)
			assert.ErrorAs(t, err, new(*engine.FlagError))
			assert.ErrorContains(t, err, c.want)
			if err := own.Reach(c.o); c.inImage {
				assert.NoError(t, err, c.want)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
}
