package cluster

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// settings returns Flink's configuration.
func (o Options) settings(dir string) map[string]string {
	return map[string]string{
		"jobmanager.rpc.address": "localhost", "jobmanager.rpc.port": fmt.Sprint(o.rpcPort),
		"jobmanager.bind-host": "127.0.0.1",
		"rest.address":         "localhost", "rest.bind-address": "127.0.0.1", "rest.port": fmt.Sprint(o.WebPort),
		"rest.bind-port":   fmt.Sprint(o.WebPort),
		"taskmanager.host": "localhost", "taskmanager.bind-host": "127.0.0.1",
		"taskmanager.numberOfTaskSlots": fmt.Sprint(o.Slots),
		"parallelism.default":           fmt.Sprint(o.Slots * o.TaskManagers),
		"state.backend.type":            "hashmap", "state.checkpoints.dir": "file://" + dir +
			"/checkpoints", "state.savepoints.dir": "file://" + dir + "/savepoints",
		"io.tmp.dirs": dir + "/tmp", "web.tmpdir": dir + "/tmp",
		// A process that is gone is noticed within seconds.
		"heartbeat.interval": "1000", "heartbeat.timeout": "15000",
		// A full disk fails checkpoints for as long as it lasts, and no job.
		"execution.checkpointing.tolerable-failed-checkpoints": "1000000",
		"classloader.check-leaked-classloader":                 "false",
		// TaskManagers have Beam's runner on their own class path: loaded once, and
		// able to keep workers from one stage of a batch to the next.
		"classloader.resolve-order": "parent-first",
	}
}

// memory are a TaskManager's sizes in MB, of which Flink, started without its
// scripts, wants each one.
var memory = []struct {
	option string
	mb     int
}{
	{"taskmanager.memory.framework.heap.size", 128}, {"taskmanager.memory.task.heap.size", 1024},
	{"taskmanager.memory.framework.off-heap.size", 128}, {"taskmanager.memory.task.off-heap.size", 256},
	{"taskmanager.memory.managed.size", 512}, {"taskmanager.memory.network.min",
		512}, {"taskmanager.memory.network.max", 512},
	{"taskmanager.memory.jvm-metaspace.size", 512}, {"taskmanager.memory.jvm-overhead.min",
		192}, {"taskmanager.memory.jvm-overhead.max", 192},
}

// log4j has Flink log to a file that is kept small.
const log4j = `rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.name = File
appender.file.type = RollingFile
appender.file.fileName = ${sys:log.file}
appender.file.filePattern = ${sys:log.file}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1} - %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 20MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
`

// configure writes the cluster's configuration.
func (o Options) configure(dir string) error {
	for _, sub := range []string{"conf", "log", "tmp", "checkpoints", "savepoints"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	var lines []string
	for option, value := range o.settings(dir) {
		lines = append(lines, option+": "+value+"\n")
	}
	slices.Sort(lines)
	if err := os.WriteFile(filepath.Join(dir, "conf", "flink-conf.yaml"), []byte(strings.Join(lines, "")),
		0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "conf", "log4j.properties"), []byte(log4j), 0o644)
}

// opens are packages that Flink reaches into by reflection.
var opens = []string{"java.util", "java.util.concurrent", "java.lang", "java.lang.reflect", "java.text", "java.time",
	"java.nio", "java.net", "java.io", "sun.nio.ch"}

// jvm returns the options of a Java process that runs a class of a class path.
func jvm(conf, class string, options []string, path ...string) (args []string) {
	for _, name := range opens {
		args = append(args, "--add-opens=java.base/"+name+"=ALL-UNNAMED")
	}
	args = append(args, options...)
	args = append(args, "-Dlog4j.configurationFile=file:"+conf+"/log4j.properties")
	return append(args, "-cp", strings.Join(path, string(os.PathListSeparator)), class)
}

// runner returns the jars of Beam's runner as a TaskManager needs them, which has
// Flink and a logger already.
func (s software) runner() (jars []string, err error) {
	all, err := filepath.Glob(filepath.Join(s.jobServer, "*.jar"))
	return slices.DeleteFunc(all, func(jar string) bool {
		name := filepath.Base(jar)
		return strings.HasPrefix(name, "flink-") || strings.HasPrefix(name, "slf4j-") ||
			strings.HasPrefix(name, "log4j-")
	}), err
}

// freePort returns a port that nobody listens to.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// portInUse reports whether somebody listens to a port already.
func portInUse(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return true
	}
	l.Close()
	return false
}
