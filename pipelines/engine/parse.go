package engine

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/files"
	"adtoorder/io/lake"
	"adtoorder/io/storage"
	"adtoorder/io/warehouse"
	"adtoorder/pipelines/command"
)

// Parse checks flags and finds the files that they name. Its errors are
// *FlagErrors.
func Parse(ctx context.Context, f Flags) (o Options, err error) {
	o.Replace, o.Runner, o.Detached, o.Readers = f.Replace, f.Runner, f.Detached, max(1, f.Readers)
	if !slices.Contains(Runners, f.Runner) {
		return o, command.Refuse("runner", f.Runner, "must be one of "+strings.Join(Runners, ", "))
	}
	o.Window, err = time.ParseDuration(f.Window)
	if err != nil || o.Window < time.Second || o.Window > 24*time.Hour || o.Window%time.Second != 0 {
		return o, command.Refuse("window", f.Window, "must be whole seconds, 1s to 24h, such as 30s, 1m or 1h")
	}
	if o.AllowedLateness, err = time.ParseDuration(f.AllowedLateness); err != nil || o.AllowedLateness < 0 {
		return o, command.Refuse("allowed_lateness", f.AllowedLateness, "must be 0s or more, such as 10m")
	}
	if o.OutOfOrderness, err = time.ParseDuration(f.OutOfOrderness); err != nil || o.OutOfOrderness < 0 {
		return o, command.Refuse("out_of_orderness", f.OutOfOrderness, "must be 0s or more, such as 10s")
	}
	o.RejectPayloads = f.RejectPayloads
	if _, known := withheld[f.RejectPayloads]; !known {
		return o, command.Refuse("reject_payloads", f.RejectPayloads, "must be full, hashed or none")
	}
	if err := o.parseReading(f); err != nil {
		return o, err
	}
	if o.Lake, err = parseLake(f); err != nil {
		return o, err
	}
	if o.Warehouse, err = parseWarehouse(f.Warehouse); err != nil {
		return o, err
	}
	if o.MaxMalformed, err = parseShare(f.MaxMalformed); err != nil {
		return o, err
	}
	if f.Elsewhere {
		if err := o.reachable(f); err != nil {
			return o, err
		}
	}
	if o.Clicks, err = parseInput(ctx, "clicks", f.Clicks); err != nil {
		return o, err
	}
	if o.Orders, err = parseInput(ctx, "orders", f.Orders); err != nil {
		return o, err
	}
	for _, in := range o.streams() { // a list may name files of this machine among others
		i := slices.IndexFunc(in.Files, func(file files.File) bool {
			return file.Copy != "" || storage.IsLocal(file.Path)
		})
		if f.Elsewhere && i >= 0 {
			return o, command.Refuse(in.name, in.Files[i].Path, "is on this machine, and workers run elsewhere")
		}
	}
	if err := o.parseLive(ctx, f); err != nil {
		return o, err
	}
	o.ForgetBefore, err = o.parseForget(f)
	return o, err
}

// parseLive checks what concerns live sources, and whether they answer.
func (o *Options) parseLive(ctx context.Context, f Flags) error {
	start, given, err := parseStart(f.Start, time.Now())
	switch {
	case err != nil:
		return err
	case given && !o.Live():
		return command.Refuse("start", f.Start, "is for live sources; finished files are read whole")
	case !o.Live():
		return nil
	case given && o.Acknowledges():
		return command.Refuse("start", f.Start,
			"is not for Pub/Sub: a subscription begins with what is not acknowledged; "+
				"to have it go back, "+o.subscriptions()[0].SeekCommand("TIME"))
	case o.Runner == "direct":
		return command.Refuse("runner", f.Runner,
			"reads finished files only; give prism, flink or dataflow for live sources")
	case o.Replace:
		return command.Refuse("replace", "true",
			"is for finished files only: which windows a live source will cover is "+
				"not known in advance")
	}
	if err := o.distinct(); err != nil {
		return err
	}
	o.Start, o.Resume = start, !given
	for _, in := range o.streams() {
		if err := in.check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// parseShare reads --max_malformed.
func parseShare(value string) (share float64, err error) {
	if value == "" {
		return 1, nil
	}
	share, err = strconv.ParseFloat(value, 64)
	if err != nil || !(share >= 0 && share <= 1) {
		return 1, command.Refuse("max_malformed", value, "must be a share from 0 to 1, such as 0.05")
	}
	return share, nil
}

// parseForget reads --forget_before: a date, in milliseconds since the Unix epoch.
func (o Options) parseForget(f Flags) (int64, error) {
	if f.ForgetBefore == "" {
		return 0, nil
	}
	date, err := time.Parse(time.DateOnly, f.ForgetBefore)
	switch {
	case err != nil || date.Year() < 1971:
		return 0, command.Refuse("forget_before", f.ForgetBefore,
			"must be a date of 1971 or later, such as 2026-11-01")
	case o.Live():
		return 0, command.Refuse("forget_before", f.ForgetBefore, "is for finished files")
	case o.Replace:
		return 0, command.Refuse("forget_before", f.ForgetBefore, "does not go with --replace; give them in two runs")
	}
	return date.UnixMilli(), nil
}

func parseLake(f Flags) (l lake.Lake, err error) {
	if !slices.Contains(lake.Formats(), f.LakeFormat) {
		return l, command.Refuse("lake_format", f.LakeFormat, "must be one of "+strings.Join(lake.Formats(), ", "))
	}
	dir := strings.TrimRight(f.Lake, "/")
	if hasScheme.MatchString(f.Lake) && !inBucket.MatchString(dir) {
		return l, command.Refuse("lake", endpoint.Hide(f.Lake), "must be gs://BUCKET/FOLDER, s3://BUCKET/FOLDER or "+
			"az://CONTAINER/FOLDER, without spaces or any of #%?, or a local directory")
	}
	if dir == "" || strings.ContainsAny(dir, `*?[\`) {
		return l, command.Refuse("lake", f.Lake, `must be a directory, without any of *?[\ in its name`)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return l, command.Refuse("lake", f.Lake, "must be a directory, which need not exist yet, but is a file")
	}
	return lake.Lake{Dir: dir, Format: f.LakeFormat}, nil
}

func parseWarehouse(value string) (warehouse.Warehouse, error) {
	if value == "none" {
		return nil, nil
	}
	w, err := warehouse.Open(value)
	if err != nil {
		return nil, command.Refuse("warehouse", endpoint.Hide(value), err.Error()+", or none")
	}
	return w, nil
}

// reachable checks that workers elsewhere can read and write what they are told to.
func (o Options) reachable(f Flags) error {
	near := "workers that see it: --environment_type=LOOPBACK, or the cluster of go run ./launch/flink up"
	if f.Runner == Dataflow {
		near = "a runner on this machine"
	}
	switch {
	case f.Runner == Dataflow && !strings.Contains(o.Lake.Dir, "://"):
		return command.Refuse("lake", f.Lake, "is a folder of this machine, and workers run elsewhere; give "+
			"gs://BUCKET/FOLDER")
	case o.Warehouse != nil && o.Warehouse.File() != "":
		return command.Refuse("warehouse", f.Warehouse, "is a file of this machine, and workers run elsewhere; give "+
			"bigquery://PROJECT/DATASET, none, or "+near)
	case !strings.Contains(o.Lake.Dir, "://") && !filepath.IsAbs(o.Lake.Dir):
		return command.Refuse("lake", f.Lake,
			"is relative to this machine's folder, and workers run elsewhere; give gs://, "+
				"s3:// or az://, or an absolute path that all of them share")
	}
	isHere := func(source string) bool { return !strings.Contains(source, "://") }
	for _, input := range []struct {
		flag    string
		sources []string
	}{{"clicks", f.Clicks}, {"orders", f.Orders}} {
		if i := slices.IndexFunc(input.sources, isHere); i >= 0 {
			return command.Refuse(input.flag, input.sources[i],
				"is on this machine, and workers run elsewhere; give gs://, "+
					"s3://, az://, kafka://, kinesis:// or pubsub://, or "+near)
		}
	}
	return nil
}

// hasScheme tells what is meant as a URI from a local path. What looks like a URI's
// query, fragment or escape can't be in the name of a folder in a bucket.
var (
	hasScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)
	inBucket  = regexp.MustCompile(`^(gs|s3|az)://[A-Za-z0-9][A-Za-z0-9._-]*(/[^#%?\s]*)?$`)
)
