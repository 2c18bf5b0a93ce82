package dataflow

import (
	"adtoorder/io/storage"
	"adtoorder/pipelines/engine"
)

// Reach tells of sources and places that this machine can use and the workers
// can't: theirs is an environment without this one's variables and files. In an
// image of one's own both can be there. Its errors are *engine.FlagErrors.
func (f Flags) Reach(o engine.Options) error {
	if need := storage.Credentials(o.Lake.Dir); need != "" && f.Image == "" {
		return refuse("lake", o.Lake.Dir, lacks(need))
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
			return refuse(flag, s.String(), needs.Local+", and workers run elsewhere; it must have addresses in the "+
				"workers' network")
		case needs.Environment != "" && f.Image == "":
			return refuse(flag, s.String(), lacks(needs.Environment))
		}
	}
	for _, file := range in.Files {
		if storage.IsLocal(file.Path) { // of a list that names others, too
			return refuse(flag, file.Path, "is on this machine, and workers run elsewhere")
		}
		if need := storage.Credentials(file.Path); need != "" && f.Image == "" {
			return refuse(flag, file.Path, lacks(need))
		}
	}
	return nil
}
