package main

import (
	"strings"
	"time"

	"adtoorder/pipelines/command"
)

// taken are the flags of pipelines/conversions that submit and restore set, and
// what to give in their place.
var taken = map[string]string{
	"parallelism": "give --parallelism in front of --",
	"endpoint":    "give --endpoint in front of --",
	"async":       "a job goes on by itself, unless --wait stands in front of --",
	"runner":      "it is flink; for another one: go run ./pipelines/conversions",
	"job_name":    "jobs are named after the time of their submission",

	"environment_type":   ownWorkers,
	"environment_config": ownWorkers,
}

const ownWorkers = "workers are started as the cluster needs it; for another one: " +
	"go run ./pipelines/conversions --runner=flink"

// refuseTaken refuses flags that would have no effect.
func refuseTaken(flags []string) error { return command.RefuseBehind(flags, taken) }

// valueOf returns the value of a flag, "" where it is not given.
func valueOf(flags []string, name string) (value string) {
	for i := range flags {
		if given, _, ok := valueAt(flags, i, name); ok {
			value = given
		}
	}
	return value
}

// valueAt returns the value of a flag that stands at a place, and the place of
// the value: the same, or the next.
func valueAt(flags []string, i int, name string) (value string, at int, ok bool) {
	f := strings.TrimLeft(flags[i], "-")
	if len(f) == len(flags[i]) {
		return "", 0, false
	}
	if value, ok = strings.CutPrefix(f, name+"="); ok {
		return value, i, true
	}
	if f == name && i+1 < len(flags) {
		return flags[i+1], i + 1, true
	}
	return "", 0, false
}

// fixStart returns flags in which --start=latest is the time that it means now,
// for the job is to mean that, too, when it is restored.
func fixStart(flags []string, now time.Time) []string {
	fixed := append([]string{}, flags...)
	for i := range fixed {
		value, at, ok := valueAt(fixed, i, "start")
		if ok && value == "latest" {
			fixed[at] = strings.TrimSuffix(fixed[at], "latest") + now.UTC().Format(time.RFC3339Nano)
		}
	}
	return fixed
}
