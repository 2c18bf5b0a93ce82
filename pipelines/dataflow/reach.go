package dataflow

import (
	"net"
	"strings"

	"adtoorder/pipelines/engine"
)

// Reach tells of sources and places that this machine can use and the workers
// can't: theirs is an environment without this one's variables and files. In an
// image of one's own both can be there. Its errors are *engine.FlagErrors.
func (f Flags) Reach(o engine.Options) error {
	if strings.HasPrefix(o.Lake.Dir, "s3://") && f.Image == "" {
		return refuse("lake", o.Lake.Dir, needsAWS)
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

const needsAWS = "needs AWS credentials, which Beam's image on Dataflow has none of; want --sdk_container_image of one whose environment has them"

func (f Flags) reachInput(flag string, in engine.Input) error {
	for _, s := range in.Kafka {
		for _, broker := range strings.Split(s.Brokers, ",") {
			if host, _, err := net.SplitHostPort(broker); err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback()) {
				return refuse(flag, s.String(), "is on this machine, and workers run elsewhere; want the brokers' addresses in the workers' network")
			}
		}
		if (s.SASL != "" || s.CA != "") && f.Image == "" {
			return refuse(flag, s.String(), "sasl= needs the variable "+s.PasswordFrom+" and ca= a file, which Beam's image on Dataflow does not have; want --sdk_container_image of one that has them")
		}
	}
	if f.Image != "" {
		return nil
	}
	for _, s := range in.Kinesis {
		return refuse(flag, s.String(), needsAWS)
	}
	for _, s := range in.Watch {
		if strings.HasPrefix(s.Pattern, "s3://") {
			return refuse(flag, s.String(), needsAWS)
		}
	}
	for _, file := range in.Files {
		if strings.HasPrefix(file.Path, "s3://") {
			return refuse(flag, file.Path, needsAWS)
		}
	}
	return nil
}
