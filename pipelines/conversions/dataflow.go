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
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"adtoorder/pipelines/command"
	"adtoorder/pipelines/dataflow"
	"adtoorder/pipelines/engine"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow" // declares its flags
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow/dataflowlib"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/hooks/perf"
)

// dataflows are Beam's flags that only a run on Dataflow reads.
var dataflows = []string{"project", "region", "staging_location", "temp_location", "labels", "service_account_email",
	"dataflow_service_options", "num_workers", "max_num_workers", "worker_machine_type", "machine_type", "network",
	"subnetwork",
	"no_use_public_ips", "use_public_ips", "dry_run", "update", "transform_name_mapping", "sdk_container_image",
	"worker_harness_container_image", "autoscaling_algorithm", "number_of_worker_harness_threads", "disk_size_gb",
	"disk_type",
	"disk_provisioned_iops", "disk_provisioned_throughput_mibps", "dataflow_kms_key", "min_cpu_platform",
	"worker_region",
	"worker_zone", "zone", "flexrs_goal", "dataflow_endpoint", "template_location", "teardown_policy", "cpu_profiling"}

// notShown are the flags that a job's page shows elsewhere, or that say nothing
// there. Workers that run out of memory find temp_location among the others.
var notShown = append(slices.DeleteFunc(slices.Clone(dataflows),
	func(name string) bool { return name == "temp_location" }),
	"runner", "endpoint", "job_name", "environment_type", "environment_config", "experiments", "async", "execute_async",
	"retain_docker_containers", "parallelism", "worker_binary")

// dataflowFlags reads Beam's flags.
func dataflowFlags(flags *flag.FlagSet) (f dataflow.Flags, err error) {
	text := func(name string) string { return flags.Lookup(name).Value.String() }
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(text(name), 10, 64) // the flag is a number
		return n
	}
	f = dataflow.Flags{
		JobOptions: dataflowlib.JobOptions{
			Project: text("project"), Region: text("region"), Zone: text("zone"),
			WorkerZone: text("worker_zone"), WorkerRegion: text("worker_region"),
			TempLocation: text("temp_location"), TemplateLocation: text("template_location"),
			Experiments: jobopts.GetExperiments(), Worker: *jobopts.WorkerBinary,
			ContainerImage:      *jobopts.EnvironmentConfig,
			ServiceAccountEmail: text("service_account_email"), KmsKey: text("dataflow_kms_key"),
			Network: text("network"), Subnetwork: text("subnetwork"),
			NumWorkers: number("num_workers"), MaxNumWorkers: number("max_num_workers"),
			Algorithm:            text("autoscaling_algorithm"),
			WorkerHarnessThreads: number("number_of_worker_harness_threads"),
			MachineType: cmp.Or(text("worker_machine_type"),
				text("machine_type")),
			DiskSizeGb: number("disk_size_gb"), DiskType: text("disk_type"),
			DiskProvisionedIops:            number("disk_provisioned_iops"),
			DiskProvisionedThroughputMibps: number("disk_provisioned_throughput_mibps"),
			FlexRSGoal:                     text("flexrs_goal"), TeardownPolicy: text("teardown_policy"),
			Update: text("update") == "true",
		},
		StagingLocation:  text("staging_location"),
		JobName:          cmp.Or(*jobopts.JobName, dataflow.DefaultJobName),
		Labels:           text("labels"),
		ServiceOptions:   text("dataflow_service_options"),
		Endpoint:         text("dataflow_endpoint"),
		Image:            cmp.Or(text("sdk_container_image"), text("worker_harness_container_image")),
		EnvironmentType:  *jobopts.EnvironmentType,
		TransformMapping: text("transform_name_mapping"),
	}
	if platform := text("min_cpu_platform"); platform != "" {
		f.Experiments = append(f.Experiments, "min_cpu_platform="+platform)
	}
	if place := text("cpu_profiling"); place != "" {
		perf.EnableProfCaptureHook("gcs_profile_writer", place)
	}
	if f.NoUsePublicIPs, err = privateIPs(flags); err != nil {
		return f, err
	}
	if one, other := text("sdk_container_image"), text("worker_harness_container_image"); one != "" && other != "" {
		return f, &engine.FlagError{Flag: "worker_harness_container_image", Value: other,
			Problem: "does not go with --sdk_container_image, its newer name"}
	}
	if f.ImageOverrides, err = valueOf("sdk_harness_container_image_override",
		jobopts.GetSdkImageOverrides); err != nil {
		return f, err
	}
	f.Hints, err = valueOf("resource_hints", jobopts.GetPipelineResourceHints)
	return f, err
}

// privateIPs reports whether workers are to have no public addresses, which two
// flags say, each the other's contrary.
func privateIPs(flags *flag.FlagSet) (bool, error) {
	given := map[string]string{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = f.Value.String() })
	private, isPrivate := given["no_use_public_ips"]
	public, isPublic := given["use_public_ips"]
	switch {
	case isPrivate && isPublic && private == public:
		return false, &engine.FlagError{Flag: "no_use_public_ips", Value: private,
			Problem: "does not go with --use_public_ips=" + public}
	case isPrivate:
		return private == "true", nil
	}
	return isPublic && public == "false", nil
}

// prepareDataflow checks Beam's flags and completes the engine's for a run on
// Dataflow.
func prepareDataflow(own settings, f *engine.Flags, now time.Time) error {
	d := own.dataflow
	if err := d.Check(); err != nil {
		return err
	}
	if own.metricsPort != 0 {
		return &engine.FlagError{Flag: "metrics_port", Value: strconv.Itoa(own.metricsPort),
			Problem: "is a page of this process, and workers run elsewhere; see the job's page"}
	}
	if f.Start == "latest" {
		if d.Update {
			return &engine.FlagError{Flag: "start", Value: f.Start,
				Problem: "would mean another time than when the job was submitted, and leave out what it still " +
					"holds; give the time that its page shows"}
		}
		f.Start = now.UTC().Format(time.RFC3339Nano) // for the job's page, and its updates
	}
	hidden := map[string]bool{}
	for _, name := range notShown {
		hidden[name] = true
	}
	beam.PipelineOptions.LoadOptionsFromFlags(hidden)
	f.Elsewhere, f.Detached, f.Readers = true, *jobopts.Async, d.Readers()
	return nil
}

// runOnDataflow runs the engine on Dataflow.
func runOnDataflow(ctx context.Context, o engine.Options, f dataflow.Flags, dryRun bool, out, errs io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := cmp.Or(f.CheckRun(o.Live()), f.Reach(o)); err != nil {
		return command.AsUnusable(err)
	}
	described, err := dataflow.Describe(ctx, f, o)
	if err != nil {
		return command.RefuseArgs("Beam does not take the flags of the job: %v", err)
	}
	if dryRun {
		return describe(ctx, out, o, described)
	}
	job, err := dataflow.Prepare(ctx, f, !o.Detached, func(state string) { fmt.Fprintln(errs, state) })
	if err != nil {
		return err
	}
	o.Execute, o.Restores = job.Execute, f.Update
	summary, err := engine.Run(ctx, o)
	if err == nil && o.Detached {
		fmt.Fprintf(out, "job %s\n%s\n", job.ID(), f.Page(job.ID()))
		return nil
	}
	return report(out, o, summary, err)
}

// describe prints a job that is not submitted: the steps of its graph, and what
// the service would be told.
func describe(ctx context.Context, out io.Writer, o engine.Options, job any) error {
	names, err := engine.Names(ctx, o)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(job, "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Nothing is submitted. The job's %d steps:\n  %s\n\nThe job:\n%s\n", len(names),
		strings.Join(names, "\n  "), text)
	return nil
}
