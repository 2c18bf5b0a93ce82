package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"adtoorder/pipelines/dataflow"
	"adtoorder/pipelines/engine"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
)

// dataflows are Beam's flags that only a run on Dataflow reads.
var dataflows = []string{"project", "region", "staging_location", "temp_location", "labels", "service_account_email",
	"dataflow_service_options", "num_workers", "max_num_workers", "worker_machine_type", "machine_type", "network", "subnetwork",
	"no_use_public_ips", "use_public_ips", "dry_run", "update", "transform_name_mapping", "sdk_container_image",
	"worker_harness_container_image", "autoscaling_algorithm", "number_of_worker_harness_threads", "disk_size_gb", "disk_type",
	"disk_provisioned_iops", "disk_provisioned_throughput_mibps", "dataflow_kms_key", "min_cpu_platform", "worker_region",
	"worker_zone", "zone", "flexrs_goal", "dataflow_endpoint", "template_location", "teardown_policy", "cpu_profiling"}

// dataflowFlags reads Beam's flags.
func dataflowFlags(flags *flag.FlagSet) dataflow.Flags {
	text := func(name string) string { return flags.Lookup(name).Value.String() }
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(text(name), 10, 64) // the flag is a number
		return n
	}
	return dataflow.Flags{
		Project: text("project"), Region: text("region"),
		StagingLocation: text("staging_location"), TempLocation: text("temp_location"),
		JobName:             cmp.Or(*jobopts.JobName, dataflow.DefaultJobName),
		Labels:              text("labels"),
		ServiceAccountEmail: text("service_account_email"),
		ServiceOptions:      text("dataflow_service_options"),
		NumWorkers:          number("num_workers"), MaxNumWorkers: number("max_num_workers"),
		MachineType: cmp.Or(text("worker_machine_type"), text("machine_type")),
		Network:     text("network"), Subnetwork: text("subnetwork"),
		Endpoint:         text("dataflow_endpoint"),
		Image:            cmp.Or(text("sdk_container_image"), text("worker_harness_container_image")),
		EnvironmentType:  *jobopts.EnvironmentType,
		TemplateLocation: text("template_location"),
		Update:           text("update") == "true",
		TransformMapping: text("transform_name_mapping"),
	}
}

// prepareDataflow checks Beam's flags and completes the engine's for a run on
// Dataflow.
func prepareDataflow(own settings, f *engine.Flags, now time.Time) error {
	d := own.dataflow
	if err := d.Check(); err != nil {
		return err
	}
	if own.metricsPort != 0 {
		return &engine.FlagError{Flag: "metrics_port", Value: strconv.Itoa(own.metricsPort), Problem: "is a page of this process, and workers run elsewhere; see the job's page"}
	}
	if f.Start == "latest" {
		if d.Update {
			return &engine.FlagError{Flag: "start", Value: f.Start, Problem: "would mean another time than when the job was submitted, and leave out what it still holds; want the time that its page shows"}
		}
		f.Start = now.UTC().Format(time.RFC3339Nano) // for the job's page, and its updates
	}
	f.Elsewhere, f.Detached, f.Readers = true, *jobopts.Async, d.Readers()
	return nil
}

// runOnDataflow runs the engine on Dataflow, and returns the exit status.
func runOnDataflow(ctx context.Context, o engine.Options, f dataflow.Flags, dryRun bool, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := cmp.Or(f.CheckRun(o.Live()), f.Reach(o)); err != nil {
		return fail(errs, 2, err)
	}
	described, err := dataflow.Describe(ctx, f, o)
	if err != nil {
		return fail(errs, 2, fmt.Errorf("Beam does not take the flags of the job: %w", err))
	}
	if dryRun {
		return describe(ctx, out, errs, o, described)
	}
	job, err := dataflow.Prepare(ctx, f, !o.Detached, func(state string) { fmt.Fprintln(errs, state) })
	if err != nil {
		return fail(errs, 1, err)
	}
	o.Execute, o.Restores = job.Execute, f.Update
	summary, err := engine.Run(ctx, o)
	if err == nil && o.Detached {
		fmt.Fprintf(out, "job %s\n%s\n", job.ID(), f.Page(job.ID()))
		return 0
	}
	return report(out, errs, o, summary, err)
}

// describe prints a job that is not submitted: the steps of its graph, and what
// the service would be told.
func describe(ctx context.Context, out, errs io.Writer, o engine.Options, job any) int {
	names, err := engine.Names(ctx, o)
	if err != nil {
		return fail(errs, 1, err)
	}
	text, err := json.MarshalIndent(job, "", "  ")
	if err != nil {
		return fail(errs, 1, err)
	}
	fmt.Fprintf(out, "Nothing is submitted. The job's %d steps:\n  %s\n\nThe job:\n%s\n", len(names), strings.Join(names, "\n  "), text)
	return 0
}
