// Package dataflow is what a run on Google Cloud Dataflow needs beside the graph:
// its options checked before anything runs, the submission by
// Beam's own means, jobs watched and drained, and the service's errors in a line each.
package dataflow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"adtoorder/pipelines/engine"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/resource"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
)

// Flags are the command line's flags, as they were written: those that Beam takes
// as they are, and those that are told to it in another form.
type Flags struct {
	dataflowlib.JobOptions
	StagingLocation  string // gs:// folder for the worker and the graph
	JobName          string
	Labels           string // JSON, as Beam's flag wants them
	ServiceOptions   string // separated by commas
	Endpoint         string // of the service's interface, "" for Google's own
	Image            string // of the workers' container, "" for Beam's
	EnvironmentType  string
	TransformMapping string // JSON
	Hints            resource.Hints
	ImageOverrides   map[string]string // of containers: patterns, and what replaces them
}

// DefaultJobName is the name of a job that is given none. It stays the same, so
// that update and drain find the job.
const DefaultJobName = "conversions"

// What the service takes for names. A bucket's name is checked loosely here: the
// service knows whether it is there.
var (
	projectName = regexp.MustCompile(`^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$`)
	regionName  = regexp.MustCompile(`^[a-z]+-[a-z]+[0-9]+$`)
	jobName     = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	location    = regexp.MustCompile(`^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/[^*?#\[\]]*)?$`)
	account     = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	machine     = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)
	arm         = regexp.MustCompile(`^(t2a|c4a|n4a|a4x)-`)
	networkName = regexp.MustCompile(`^(https://\S+/|projects/\S+/)?([a-z0-9-]+/)*[a-z]([-a-z0-9]*[a-z0-9])?$`)
	subnetwork  = regexp.MustCompile(`^(https://\S+/|projects/\S+/)?regions/([a-z0-9-]+)/subnetworks/[a-z]([-a-z0-9]*[a-z0-9])?$`)
	algorithm   = regexp.MustCompile(`^(NONE|THROUGHPUT_BASED)?$`)
	flexGoal    = regexp.MustCompile(`^(FLEXRS_(UNSPECIFIED|SPEED_OPTIMIZED|COST_OPTIMIZED))?$`)
	// disablesPortable are experiments without which a job in Go can't run.
	disablesPortable = regexp.MustCompile(`disable_(prime_)?runner_v2|disable_portable_runner|enable_streaming_java_runner`)
	emptyOptions     = regexp.MustCompile(`^,|,,|,$|\s`)
)

// maxJobName is how long a job's name may be.
const maxJobName = 1024

// check is a condition of a flag.
type check struct {
	ok                   bool
	flag, value, problem string
}

func first(checks []check) error {
	for _, c := range checks {
		if !c.ok {
			return refuse(c.flag, c.value, c.problem)
		}
	}
	return nil
}

// CheckNames tells of the first of those flags that can't be used which say
// where a job runs and what it is called. Its errors are *engine.FlagErrors.
func (f Flags) CheckNames() error {
	return first([]check{
		{projectName.MatchString(f.Project), "project", f.Project,
			"must be the id of a Google Cloud project: 6 to 30 lower-case letters, digits and hyphens"},
		{regionName.MatchString(f.Region), "region", f.Region,
			"must be a region (not a zone) of Dataflow, such as europe-west1"},
		{jobName.MatchString(f.JobName) && len(f.JobName) <= maxJobName, "job_name", f.JobName,
			"must be lower-case letters, digits and hyphens, a letter first and no hyphen at the end"},
		{f.Endpoint == "" || isEndpoint(f.Endpoint), "dataflow_endpoint", hidden(f.Endpoint),
			"must be http://HOST:PORT/ or https://HOST/"},
	})
}

// Check tells of the first flag that can't be used. Its errors are
// *engine.FlagErrors.
func (f Flags) Check() error {
	if err := f.CheckNames(); err != nil {
		return err
	}
	return cmp.Or(f.checkPlaces(), f.checkWorkers(), f.checkLabels(), f.checkMapping(), f.checkBeam())
}

// checkPlaces checks where things are kept.
func (f Flags) checkPlaces() error {
	return first([]check{
		{location.MatchString(f.StagingLocation), "staging_location", f.StagingLocation,
			"must be gs://BUCKET/FOLDER, where the worker and the graph are put for the job"},
		{f.TempLocation == "" || location.MatchString(f.TempLocation), "temp_location", f.TempLocation,
			"must be gs://BUCKET/FOLDER"},
		{f.TemplateLocation == "", "template_location", f.TemplateLocation,
			"makes a template, and lake and warehouse are made ready for one run; leave it out to submit a job"},
	})
}

// checkWorkers checks what the workers are.
func (f Flags) checkWorkers() error {
	return first([]check{
		{f.ServiceAccountEmail == "" || account.MatchString(f.ServiceAccountEmail), "service_account_email",
			f.ServiceAccountEmail,
			"must be the e-mail address of a service account"},
		{f.ServiceOptions == "" || !emptyOptions.MatchString(f.ServiceOptions), "dataflow_service_options",
			f.ServiceOptions,
			"must be options separated by commas, without spaces"},
		{f.NumWorkers >= 0, "num_workers", fmt.Sprint(f.NumWorkers), "want 1 or more, or 0 for the service's choice"},
		{f.MaxNumWorkers >= 0, "max_num_workers", fmt.Sprint(f.MaxNumWorkers),
			"want 1 or more, or 0 for the service's choice"},
		{f.MaxNumWorkers == 0 || f.NumWorkers <= f.MaxNumWorkers, "num_workers", fmt.Sprint(f.NumWorkers),
			fmt.Sprintf("is more than --max_num_workers=%d", f.MaxNumWorkers)},
		{f.MachineType == "" || machine.MatchString(f.MachineType), "worker_machine_type", f.MachineType,
			"must be a machine type of Compute Engine, such as e2-standard-2"},
		{!arm.MatchString(f.MachineType), "worker_machine_type", f.MachineType,
			"is an Arm machine, and workers are built for amd64"},
		{f.Network == "" || networkName.MatchString(f.Network), "network", f.Network, "must be the name of a network"},
		{f.Subnetwork == "" || subnetwork.MatchString(f.Subnetwork), "subnetwork", f.Subnetwork,
			"must be regions/REGION/subnetworks/NAME, or its full URL"},
		{f.Subnetwork == "" || f.Region == regionOf(f.Subnetwork), "subnetwork", f.Subnetwork, "is not in --region=" +
			f.Region},
		{f.EnvironmentType == "" || strings.EqualFold(f.EnvironmentType, "docker"), "environment_type",
			f.EnvironmentType,
			"is not for Dataflow, whose workers are containers; leave it out"},
	})
}

func (f Flags) checkMapping() error {
	return first([]check{
		{f.TransformMapping == "" || f.Update, "transform_name_mapping", f.TransformMapping, "is for an update"},
		{f.TransformMapping == "" || isMapping(f.TransformMapping), "transform_name_mapping", f.TransformMapping,
			`must be JSON of old names to new ones: {"old step": "new step"}`},
	})
}

// checkBeam checks what Beam passes on.
func (f Flags) checkBeam() error {
	disabled := slices.IndexFunc(f.Experiments, disablesPortable.MatchString)
	return first([]check{
		{algorithm.MatchString(f.Algorithm), "autoscaling_algorithm", f.Algorithm, "must be NONE or THROUGHPUT_BASED"},
		{flexGoal.MatchString(f.FlexRSGoal), "flexrs_goal", f.FlexRSGoal,
			"must be FLEXRS_SPEED_OPTIMIZED or FLEXRS_COST_OPTIMIZED"},
		{disabled < 0, "experiments", strings.Join(f.Experiments, ","),
			"turns off what runs programs that are not written in Java; leave it out"},
	})
}

// CheckRun tells what a job that reads live sources, or only finished files,
// can't be told.
func (f Flags) CheckRun(isLive bool) error {
	if f.Update && !isLive {
		return refuse("update", "true", "is for live sources: Dataflow updates streaming jobs only; finished files "+
			"are a batch, which ends by itself")
	}
	return nil
}

func isEndpoint(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		strings.Trim(u.Path, "/") == "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// hidden leaves out of an address what may be secret.
func hidden(address string) string {
	if u, err := url.Parse(address); err == nil && u.User == nil && u.RawQuery == "" {
		return address
	}
	return "…"
}

func isMapping(text string) bool {
	var mapping map[string]string
	return json.Unmarshal([]byte(text), &mapping) == nil
}

// regionOf returns the region that a valid subnetwork is in.
func regionOf(subnet string) string {
	if match := subnetwork.FindStringSubmatch(subnet); match != nil {
		return match[2]
	}
	return ""
}

// someReaders is how many readers a topic or stream has where nothing is said
// about workers: enough for a few hundred thousand records a second. A reader more
// costs little, and one that has no partition a listing a second.
const someReaders = 4

// Readers is how many readers each topic or stream gets: one for each worker.
// They stay as many through updates.
func (f Flags) Readers() int {
	if n := max(f.NumWorkers, f.MaxNumWorkers); n > 0 {
		return int(n)
	}
	return someReaders
}

func refuse(flag, value, problem string) error {
	return &engine.FlagError{Flag: flag, Value: value, Problem: problem}
}
