package cluster

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"strconv"

	"adtoorder/io/install"
	"adtoorder/pipelines/flink"
)

// Options say what cluster to run.
type Options struct {
	Endpoint string // host:port of the job server
	// WebPort is that of Flink's page and REST interface: 0 for a free one, Unsaid
	// for the one that the cluster has, or DefaultWebPort.
	WebPort int
	// TaskManagers, and Slots of each, are 0 for as many as the cluster has, or for
	// one, and one a processor.
	TaskManagers, Slots int

	rpcPort int // of the JobManager
}

// DefaultWebPort is where a new cluster's page is, unless told otherwise.
const DefaultWebPort = 8081

// Unsaid is a port that nothing was said about.
const Unsaid = -1

// Up starts what is not running of a cluster, and returns when its slots are
// there and its job server answers. So it brings a cluster back to its size, at
// the same addresses, whatever it has lost.
func Up(ctx context.Context, o Options, say func(string)) (c flink.Cluster, err error) {
	_, port, err := net.SplitHostPort(o.Endpoint)
	if err != nil {
		return c, fmt.Errorf("--endpoint=%s: must be HOST:PORT", o.Endpoint)
	}
	if err := install.Need("java", "ps"); err != nil {
		return c, err
	}
	have, err := fetch(ctx, say)
	if err != nil {
		return c, err
	}
	was, _, err := flink.Find(o.Endpoint)
	if err != nil {
		return c, err
	}
	if was.Dir, err = flink.ClusterDir(o.Endpoint); err != nil {
		return c, err
	}
	if err := o.resolve(was); err != nil {
		return c, err
	}
	if err := o.configure(was.Dir); err != nil {
		return c, fmt.Errorf("configuring the cluster in %s: %w", was.Dir, err)
	}
	c = flink.Cluster{Endpoint: o.Endpoint, Web: fmt.Sprintf("http://localhost:%d", o.WebPort), Dir: was.Dir,
		TaskManagers: o.TaskManagers, Slots: o.Slots, RPCPort: o.rpcPort}
	if err := c.Save(); err != nil {
		return c, err
	}
	programs, err := o.programs(c.Dir, port, have)
	if err != nil {
		return c, err
	}
	return c, (&start{cluster: c, programs: programs, say: say}).run(ctx)
}

// resolve completes the options, by the cluster as it was and by the defaults of a
// new one. It refuses what can't be changed in one that runs.
func (o *Options) resolve(was flink.Cluster) error {
	all, err := Processes(was)
	if err != nil {
		return err
	}
	for _, p := range all {
		if _, alive := p.PID(); alive {
			return o.keep(was)
		}
	}
	o.TaskManagers = cmp.Or(o.TaskManagers, was.TaskManagers, 1)
	o.Slots = cmp.Or(o.Slots, was.Slots, runtime.NumCPU())
	if o.rpcPort, err = freePort(); err != nil {
		return err
	}
	switch o.WebPort {
	case 0:
		o.WebPort, err = freePort()
		return err
	case Unsaid:
		o.WebPort = cmp.Or(webPort(was), DefaultWebPort)
	}
	if portInUse(o.WebPort) {
		return fmt.Errorf("--web_port=%d: somebody listens there already; give another, or 0 for a free one", o.WebPort)
	}
	return nil
}

// keep takes over what a running cluster has. Its parts find one another by its
// ports, so these stay when a part is started again.
func (o *Options) keep(was flink.Cluster) error {
	const change = "; to change that: go run ./launch/flink down, then up"
	web := webPort(was)
	switch {
	case o.Slots > 0 && o.Slots != was.Slots:
		return fmt.Errorf("--slots=%d: the cluster that runs has %d on each TaskManager"+change, o.Slots, was.Slots)
	case o.WebPort > 0 && o.WebPort != web:
		return fmt.Errorf("--web_port=%d: the cluster that runs has its page at %d"+change, o.WebPort, web)
	case o.TaskManagers > 0 && o.TaskManagers < was.TaskManagers:
		return fmt.Errorf("--task_managers=%d: the cluster that runs has %d, and can only grow"+change, o.TaskManagers,
			was.TaskManagers)
	}
	o.TaskManagers = max(o.TaskManagers, was.TaskManagers)
	o.Slots, o.WebPort, o.rpcPort = was.Slots, web, was.RPCPort
	return nil
}

// webPort is the port of a cluster's page, 0 for none.
func webPort(c flink.Cluster) int {
	page, err := url.Parse(c.Web)
	if err != nil {
		return 0
	}
	port, _ := strconv.Atoi(page.Port())
	return port
}
