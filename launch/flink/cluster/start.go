package cluster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"adtoorder/pipelines/flink"
)

// startLimit is how long a cluster may take to be whole.
const startLimit = time.Minute

// The names of a cluster's processes.
const (
	jobManager = "jobmanager"
	jobServer  = "jobserver"
)

func taskManager(i int) string { return "taskmanager-" + strconv.Itoa(i) }

// programs are the arguments of java for each of the cluster's processes.
func (o Options) programs(dir, port string, have software) (map[string][]string, error) {
	conf := filepath.Join(dir, "conf")
	runner, err := have.runner()
	if err != nil {
		return nil, err
	}
	all := map[string][]string{
		jobManager: append(jvm(conf, "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
			[]string{"-Xmx768m"}, have.flink+"/*"),
			"--configDir", conf, "--executionMode", "cluster"),
		jobServer: append(jvm(conf, "org.apache.beam.runners.flink.FlinkJobServerDriver",
			[]string{"-Xmx512m", "-Dorg.slf4j.simpleLogger.logFile=" + Process{dir, jobServer}.Log(),
				"-Dorg.slf4j.simpleLogger.showDateTime=true"},
			have.jobServer+"/*", filepath.Join(have.flink, "flink-dist-"+flinkVersion+".jar")), // for RocksDB's backend
			"--job-host=localhost", "--job-port="+port, "--artifact-port=0", "--expansion-port=0",
			"--artifacts-dir="+filepath.Join(dir, "tmp", "artifacts"),
			fmt.Sprintf("--flink-master=localhost:%d", o.WebPort), "--flink-conf-dir="+conf),
	}
	for i := range o.TaskManagers {
		name := taskManager(i)
		args := append(jvm(conf, "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
			[]string{"-Xmx1152m", "-XX:MaxDirectMemorySize=896m",
				"-XX:MaxMetaspaceSize=512m"}, append([]string{have.flink +
				"/*"}, runner...)...), "--configDir", conf,
			"-Dtaskmanager.resource-id="+name, "-Dtaskmanager.cpu.cores="+strconv.Itoa(o.Slots))
		for _, m := range memory {
			args = append(args, fmt.Sprintf("-D%s=%dm", m.option, m.mb))
		}
		all[name] = args
	}
	return all, nil
}

// start is the way of a cluster until it is whole.
type start struct {
	cluster  flink.Cluster
	programs map[string][]string // java's arguments, by the names of processes
	say      func(string)

	began   time.Time
	started map[string]time.Time // when this start has started which processes
}

// run starts the processes that are not alive, and returns when all are, and
// have given a sign of life since it began: a process that is being killed is
// still listed, and the JobManager believes in its slots for many seconds more.
func (s *start) run(ctx context.Context) error {
	s.began, s.started = time.Now(), map[string]time.Time{}
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("the cluster is not whole after %v; see go "+
		"run ./launch/flink logs", startLimit))
	defer cancel()
	for {
		slots, err := s.slots(ctx)
		want := s.cluster.TaskManagers * s.cluster.Slots
		whole := err == nil && slots >= want && flink.Check(ctx, s.cluster.Endpoint) == nil
		revived, failed := s.revive() // what has answered may have ended since
		switch {
		case failed != nil:
			return failed
		case whole && !revived:
			return nil
		}
		s.say(fmt.Sprintf("starting Flink: %d of %d slots after %.0f s", slots, want, time.Since(s.began).Seconds()))
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// slots counts the slots of the TaskManagers that the JobManager has heard of
// since the start began, and since they were started.
func (s *start) slots(ctx context.Context) (n int, err error) {
	all, err := s.cluster.REST().TaskManagers(ctx)
	for _, t := range all {
		if _, ours := s.programs[t.ID]; ours && t.Heartbeat > max(s.began.UnixMilli(), s.started[t.ID].UnixMilli()) {
			n += t.Slots
		}
	}
	return n, err
}

// revive starts the processes that are not alive. One that ended after it was
// started here would end again.
func (s *start) revive() (revived bool, err error) {
	for name, args := range s.programs {
		p := Process{s.cluster.Dir, name}
		if _, alive := p.PID(); alive {
			continue
		}
		if _, again := s.started[name]; again {
			return revived, fmt.Errorf("%s has ended: %s", name, lastError(p))
		}
		if err := p.java(args...); err != nil {
			return revived, err
		}
		s.started[name], revived = time.Now(), true
	}
	return revived, nil
}
