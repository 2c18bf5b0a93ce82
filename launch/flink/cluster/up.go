package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"adtoorder/pipelines/flink"
)

// Options say what cluster to run.
type Options struct {
	Endpoint     string // host:port of the job server
	WebPort      int    // of Flink's page and REST interface; 0 for a free one
	TaskManagers int
	Slots        int // of each TaskManager

	rpcPort int // of the JobManager
}

// patience is how long a part of the cluster may take to answer.
const patience = time.Minute

// Up starts what is not running yet of a cluster, and returns when its slots are
// free and its job server answers. So after the loss of a TaskManager it brings
// the cluster back to its size.
func Up(ctx context.Context, o Options, say func(string)) (c flink.Cluster, err error) {
	_, port, err := net.SplitHostPort(o.Endpoint)
	if err != nil {
		return c, fmt.Errorf("--endpoint=%s: want HOST:PORT", o.Endpoint)
	}
	if err := missing("java"); err != nil {
		return c, err
	}
	have, err := fetch(ctx, say)
	if err != nil {
		return c, err
	}
	dir, err := flink.ClusterDir(o.Endpoint)
	if err != nil {
		return c, err
	}
	c = flink.Cluster{Endpoint: o.Endpoint, Dir: dir, TaskManagers: o.TaskManagers}
	if err := o.settle(dir); err != nil {
		return c, err
	}
	c.Web = fmt.Sprintf("http://localhost:%d", o.WebPort)
	if err := c.Save(); err != nil {
		return c, err
	}
	return c, o.complete(ctx, c, port, have, say)
}

// complete starts what is missing until all processes are alive and their slots
// are there. One that was being killed when it was looked at is started the next
// time; one that was started here has to live.
func (o Options) complete(ctx context.Context, c flink.Cluster, port string, have software, say func(string)) error {
	started := map[string]time.Time{}
	for {
		if err := o.start(c.Dir, port, have, started); err != nil {
			return err
		}
		if err := o.await(ctx, c, started, say); err != nil {
			return err
		}
		if len(o.dead(c.Dir)) == 0 {
			return nil
		}
	}
}

// dead names the processes that are not alive.
func (o Options) dead(dir string) []string {
	return slices.DeleteFunc(o.names(), func(name string) bool {
		_, alive := process{dir, name}.pid()
		return alive
	})
}

// settle fixes the ports of a new cluster and writes its configuration, or takes
// over those of the one that runs.
func (o *Options) settle(dir string) error {
	chosen := filepath.Join(dir, "ports.json")
	var ports struct{ Web, RPC int }
	if _, alive := (process{dir, jobManager}).pid(); alive {
		text, err := os.ReadFile(chosen)
		if err == nil {
			err = json.Unmarshal(text, &ports)
		}
		o.WebPort, o.rpcPort = ports.Web, ports.RPC
		return err
	}
	var err error
	if o.rpcPort, err = freePort(); err != nil {
		return err
	}
	if o.WebPort == 0 {
		if o.WebPort, err = freePort(); err != nil {
			return err
		}
	} else if taken(o.WebPort) {
		return fmt.Errorf("--web_port=%d: somebody listens there already; want another, or 0 for a free one", o.WebPort)
	}
	if err := o.configure(dir); err != nil {
		return fmt.Errorf("configuring the cluster in %s: %w", dir, err)
	}
	ports.Web, ports.RPC = o.WebPort, o.rpcPort
	text, err := json.Marshal(ports)
	if err != nil {
		return err
	}
	return os.WriteFile(chosen, text, 0o644)
}

// The names of a cluster's processes.
const (
	jobManager = "jobmanager"
	jobServer  = "jobserver"
)

func taskManager(i int) string { return "taskmanager-" + strconv.Itoa(i) }

// start starts the processes that are not alive, and notes them.
func (o Options) start(dir, port string, have software, started map[string]time.Time) error {
	conf := filepath.Join(dir, "conf")
	runner, err := have.runner()
	if err != nil {
		return err
	}
	commands := map[string][]string{
		jobManager: append(jvm(conf, "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", []string{"-Xmx768m"}, have.flink+"/*"),
			"--configDir", conf, "--executionMode", "cluster"),
		jobServer: append(jvm(conf, "org.apache.beam.runners.flink.FlinkJobServerDriver",
			[]string{"-Xmx512m", "-Dorg.slf4j.simpleLogger.logFile=" + process{dir, jobServer}.log(), "-Dorg.slf4j.simpleLogger.showDateTime=true"}, have.jobServer+"/*"),
			"--job-host=localhost", "--job-port="+port, "--artifact-port=0", "--expansion-port=0", "--artifacts-dir="+filepath.Join(dir, "tmp", "artifacts"),
			fmt.Sprintf("--flink-master=localhost:%d", o.WebPort), "--flink-conf-dir="+conf),
	}
	for i := range o.TaskManagers {
		name := taskManager(i)
		args := append(jvm(conf, "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
			[]string{"-Xmx1152m", "-XX:MaxDirectMemorySize=896m", "-XX:MaxMetaspaceSize=512m"}, append([]string{have.flink + "/*"}, runner...)...), "--configDir", conf,
			"-Dtaskmanager.resource-id="+name, "-Dtaskmanager.cpu.cores="+strconv.Itoa(o.Slots))
		for _, m := range memory {
			args = append(args, fmt.Sprintf("-D%s=%dm", m.option, m.mb))
		}
		commands[name] = args
	}
	for _, name := range o.dead(dir) {
		if err := (process{dir, name}).java(commands[name]...); err != nil {
			return err
		}
		started[name] = time.Now()
	}
	return nil
}

// await waits until the slots are there and the job server answers, or until a
// process has ended that was alive before.
func (o Options) await(ctx context.Context, c flink.Cluster, started map[string]time.Time, say func(string)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("the cluster is not whole after %v; see go run ./launch/flink logs", patience))
	defer cancel()
	began := time.Now()
	for {
		got, err := Of(c).Overview(ctx)
		dead := o.dead(c.Dir)
		for _, name := range dead {
			if _, ours := started[name]; ours {
				return fmt.Errorf("%s has ended: %s", name, lastError(process{c.Dir, name}))
			}
		}
		if len(dead) > 0 || err == nil && o.heard(ctx, c, began, started) && got.SlotsTotal >= o.TaskManagers*o.Slots && flink.Check(ctx, o.Endpoint) == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(250 * time.Millisecond):
			say(fmt.Sprintf("starting Flink: %d of %d slots after %.0f s", got.SlotsTotal, o.TaskManagers*o.Slots, time.Since(began).Seconds()))
		}
	}
}

// heard tells whether a JobManager that was alive before has heard of all
// TaskManagers since a time and since they were started. Without that it may count
// slots of one that is dying or whose place another takes.
func (o Options) heard(ctx context.Context, c flink.Cluster, since time.Time, started map[string]time.Time) bool {
	if _, anew := started[jobManager]; anew {
		return true // it knows no others
	}
	beats, err := Of(c).Heartbeats(ctx)
	for i := range o.TaskManagers {
		name := taskManager(i)
		if beat := beats[name]; !beat.After(since) || !beat.After(started[name]) {
			return false
		}
	}
	return err == nil
}

func (o Options) names() []string {
	names := []string{jobManager, jobServer}
	for i := range o.TaskManagers {
		names = append(names, taskManager(i))
	}
	return names
}
