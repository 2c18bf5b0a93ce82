// Package kafkatest starts a real Kafka broker for tests and benches: one process
// in KRaft mode on free ports of this machine. It needs java (17 or later) and
// mvn, which fetches Kafka once, into the user's cache directory.
package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Version is the version of Kafka.
const Version = "4.4.0"

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>adtoorder</groupId><artifactId>kafka</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>` + Version + `</version></dependency></dependencies>
</project>`

// Broker is a running broker.
type Broker struct {
	Addr string // host:port

	libs, dir string
	process   *exec.Cmd
}

// Start starts a broker with topics of so many partitions, which ends with the test.
func Start(t testing.TB, partitions int32, topics ...string) *Broker {
	t.Helper()
	libs, err := install(t.Context())
	require.NoError(t, err)
	b := &Broker{libs: libs, dir: t.TempDir()}
	client, controller := freePort(t), freePort(t)
	b.Addr = "127.0.0.1:" + client
	properties := fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:%[2]s
listeners=PLAINTEXT://127.0.0.1:%[1]s,CONTROLLER://127.0.0.1:%[2]s
advertised.listeners=PLAINTEXT://127.0.0.1:%[1]s,CONTROLLER://127.0.0.1:%[2]s
controller.listener.names=CONTROLLER
log.dirs=%[3]s/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
`, client, controller, b.dir)
	require.NoError(t, os.WriteFile(b.dir+"/server.properties", []byte(properties), 0o644))
	require.NoError(t, os.WriteFile(b.dir+"/log4j2.yaml", []byte("Configuration:\n  Loggers:\n    Root:\n      level: 'off'\n"), 0o644))
	out, err := b.java("kafka.tools.StorageTool", "format", "--standalone", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", b.dir+"/server.properties").CombinedOutput()
	require.NoError(t, err, "formatting Kafka's storage: %s", out)
	b.Run(t)
	t.Cleanup(b.Kill)
	admin := b.admin(t)
	defer admin.Close()
	_, err = admin.CreateTopics(t.Context(), partitions, 1, nil, topics...)
	require.NoError(t, err)
	return b
}

// install fetches Kafka's jars.
func install(ctx context.Context) (libs string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "adtoorder", "kafka-"+Version)
	libs = filepath.Join(dir, "libs")
	if _, err := os.Stat(libs); err == nil {
		return libs, nil
	}
	for _, program := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%s is missing; install it: apt-get install -y openjdk-17-jre-headless maven", program)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(dir+"/pom.xml", []byte(pom), 0o644); err != nil {
		return "", err
	}
	partial, err := os.MkdirTemp(dir, "libs-")
	if err != nil {
		return "", err
	}
	fetch := exec.CommandContext(ctx, "mvn", "-q", "-B", "-f", dir+"/pom.xml", "dependency:copy-dependencies", "-DoutputDirectory="+partial)
	if out, err := fetch.CombinedOutput(); err != nil {
		return "", fmt.Errorf("fetching Kafka %s with mvn: %w: %s", Version, err, out)
	}
	if err := os.Rename(partial, libs); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return libs, nil
}

func (b *Broker) java(args ...string) *exec.Cmd {
	return exec.Command("java", append([]string{"-Xmx512m", "-Dlog4j2.configurationFile=" + b.dir + "/log4j2.yaml", "-cp", b.libs + "/*"}, args...)...)
}

// Run starts the broker's process, again after a Kill, and waits until it answers.
func (b *Broker) Run(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(b.dir+"/log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	defer log.Close()
	b.process = b.java("kafka.Kafka", b.dir+"/server.properties")
	b.process.Stdout, b.process.Stderr = log, log
	require.NoError(t, b.process.Start())
	admin := b.admin(t)
	defer admin.Close()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := admin.ListTopics(ctx)
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(b.dir + "/log")
			require.NoError(t, err, "Kafka does not answer: %s", said)
		}
	}
}

// Kill ends the broker's process at once.
func (b *Broker) Kill() {
	if b.process != nil {
		b.process.Process.Kill()
		b.process.Wait()
		b.process = nil
	}
}

// Stop halts the broker's process as if its machine hung; Continue ends that.
func (b *Broker) Stop() error     { return b.process.Process.Signal(syscall.SIGSTOP) }
func (b *Broker) Continue() error { return b.process.Process.Signal(syscall.SIGCONT) }

// AddPartitions has a topic get so many partitions.
func (b *Broker) AddPartitions(t testing.TB, topic string, partitions int) {
	t.Helper()
	admin := b.admin(t)
	defer admin.Close()
	_, err := admin.UpdatePartitions(t.Context(), partitions, topic)
	require.NoError(t, err)
}

func (b *Broker) admin(t testing.TB) *kadm.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr))
	require.NoError(t, err)
	return kadm.NewClient(client)
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

// AppendTime has topics keep the broker's own times, in place of producers'.
func (b *Broker) AppendTime(t testing.TB, topics ...string) {
	t.Helper()
	admin := b.admin(t)
	defer admin.Close()
	value := "LogAppendTime"
	_, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "message.timestamp.type", Value: &value}}, topics...)
	require.NoError(t, err)
}
