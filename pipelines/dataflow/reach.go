package dataflow

import (
	"strings"

	"adtoorder/io/unbounded"
	"adtoorder/pipelines/engine"
)

// Reach tells of sources and places that this machine can use and the workers
// can't: theirs is an environment without this one's variables and files. In an
// image of one's own both can be there. Its errors are *engine.FlagErrors.
func (f Flags) Reach(o engine.Options) error {
	if strings.HasPrefix(o.Lake.Dir, "s3://") && f.Image == "" {
		return refuse("lake", o.Lake.Dir, lacks(unbounded.AWSCredentials))
	}
	for _, in := range []struct {
		flag string
		engine.Input
	}{{"clicks", o.Clicks}, {"orders", o.Orders}} {
		if err := f.reachInput(in.flag, in.Input); err != nil {
			return err
		}
	}
	return nil
}

// lacks says that Beam's image on Dataflow does not have what a worker needs.
func lacks(need string) string {
	return "needs " + need + ", which Beam's image on Dataflow does not have; " +
		"--sdk_container_image must name one whose environment has that"
}

func (f Flags) reachInput(flag string, in engine.Input) error {
	for _, s := range in.Unbounded {
		switch needs := s.Needs(); {
		case needs.Local != "":
			return refuse(flag, s.String(), needs.Local+", and workers run elsewhere; it must have addresses in the workers' network")
		case needs.Environment != "" && f.Image == "":
			return refuse(flag, s.String(), lacks(needs.Environment))
		}
	}
	for _, file := range in.Files {
		if strings.HasPrefix(file.Path, "s3://") && f.Image == "" {
			return refuse(flag, file.Path, lacks(unbounded.AWSCredentials))
		}
	}
	return nil
}
