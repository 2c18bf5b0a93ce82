package main

import (
	"flag"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/dataflow"
)

// options are what a command is told.
type options struct {
	job    dataflow.Flags
	jobID  string
	wait   bool
	dryRun bool
	given  []*flag.Flag
	behind []string // flags behind --
}

// submits reports whether a command has the flags of jobs that are submitted, and the
// engine's behind --.
func submits(name string) bool { return name == "submit" || name == "update" }

// declare declares the flags of a command. All but wait, labels and job_id are Beam's, and
// go on to pipelines/conversions as they are given.
func declare(name string, o *options) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&o.job.Project, "project", "", "`id` of the Google Cloud project (required)")
	flags.StringVar(&o.job.Region, "region", "", "`region` where the job runs, such as europe-west1 (required)")
	flags.StringVar(&o.job.JobName, "job_name", dataflow.DefaultJobName,
		"`name` of the job; one job of a name can be active in a region")
	flags.StringVar(&o.job.Endpoint, "dataflow_endpoint", "",
		"`URL` of Dataflow's interface, for a stand-in; Google's "+
			"if not given")
	if !submits(name) {
		flags.StringVar(&o.jobID, "job_id", "", "`id` of the job, in place of its name")
		return flags
	}
	flags.StringVar(&o.job.StagingLocation, "staging_location", "",
		"`gs://BUCKET/FOLDER` for the worker and the graph (required)")
	flags.StringVar(&o.job.TempLocation, "temp_location", "", "`gs://BUCKET/FOLDER` for what the service keeps "+
		"meanwhile; in --staging_location if not given")
	flags.StringVar(&o.job.Labels, "labels", "", "`KEY=VALUE,…` by which bills and lists can be sorted")
	flags.StringVar(&o.job.ServiceAccountEmail, "service_account_email", "",
		"`address` of the workers' service account; Compute Engine's own if not given")
	flags.StringVar(&o.job.ServiceOptions, "dataflow_service_options", "",
		"`options` of the service, separated by commas")
	flags.Int64Var(&o.job.NumWorkers, "num_workers", 0,
		"`number` of workers at first; the service's choice if not given")
	flags.Int64Var(&o.job.MaxNumWorkers, "max_num_workers", 0,
		"`number` of workers at most, and of readers of each topic or stream; the service's "+
			"choice, and 4 readers, if not "+
			"given")
	flags.StringVar(&o.job.MachineType, "worker_machine_type", "",
		"`type` of the workers' machines, such as e2-standard-2")
	flags.StringVar(&o.job.Network, "network", "", "`name` of the workers' network")
	flags.StringVar(&o.job.Subnetwork, "subnetwork", "", "workers' `subnetwork`: regions/REGION/subnetworks/NAME")
	flags.BoolVar(&o.wait, "wait", false, "wait until the job ends, and print its summary")
	flags.BoolVar(&o.dryRun, "dry_run", false, "print the job; stage and submit nothing")
	if name == "update" {
		flags.StringVar(&o.job.TransformMapping, "transform_name_mapping", "",
			"`JSON` of the names of steps in the job that runs to their new ones, where these have changed")
	}
	return flags
}

// refuseTaken refuses flags behind -- that submit and update set themselves.
func (o options) refuseTaken(name string) error {
	taken := map[string]string{
		"runner":        "it is dataflow; for another one: go run ./pipelines/conversions",
		"async":         "a job goes on by itself, unless --wait stands in front of --",
		"execute_async": "a job goes on by itself, unless --wait stands in front of --",
		"update":        "it is a command: go run ./launch/dataflow update",
		"worker_binary": "the worker is built anew",
	}
	declare(name, new(options)).VisitAll(func(f *flag.Flag) { taken[f.Name] = "give --" + f.Name + " in front of --" })
	return command.RefuseBehind(o.behind, taken)
}

// take takes what was called for.
func (o *options) take(flags *flag.FlagSet, call command.Call) {
	o.behind = call.Behind
	flags.Visit(func(f *flag.Flag) { o.given = append(o.given, f) })
}

// passed are the flags for pipelines/conversions.
func (o options) passed() []string {
	args := append([]string{}, o.behind...)
	for _, f := range o.given {
		switch f.Name {
		case "wait":
		case "labels":
			args = append(args, "--labels="+o.job.Labels) // as JSON by now
		default:
			args = append(args, "--"+f.Name+"="+f.Value.String())
		}
	}
	args = append(args, "--runner=dataflow")
	if o.job.Update {
		args = append(args, "--update")
	}
	if !o.wait {
		args = append(args, "--async")
	}
	return args
}
