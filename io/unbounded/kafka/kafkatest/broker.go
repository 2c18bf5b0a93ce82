// Package kafkatest starts a real Kafka broker for tests: one process in KRaft mode on
// free ports of this machine. It needs java (17 or later) and mvn, which fetches Kafka
// once, into the user's cache directory.
package kafkatest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"adtoorder/io/install"
	"adtoorder/io/testenv"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Version is the version of Kafka.
const Version = "4.4.0"

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>adtoorder</groupId><artifactId>kafka</artifactId><version>1</version>
<dependencies><dependency>
  <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>` + Version + `</version>
</dependency></dependencies>
</project>`

// Broker is a running broker.
type Broker struct {
	Addr string // host:port

	jars, dir string
	process   *exec.Cmd
}

// Start starts a broker with topics of so many partitions, which ends with the test.
func Start(t testing.TB, partitions int32, topics ...string) *Broker {
	t.Helper()
	jars, err := install.Maven(t.Context(), "kafka-"+Version, []byte(pom))
	require.NoError(t, err)
	b := &Broker{jars: jars, dir: t.TempDir()}
	client, controller := testenv.FreePort(t), testenv.FreePort(t)
	b.Addr = fmt.Sprint("127.0.0.1:", client)
	properties := fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:%[2]d
listeners=PLAINTEXT://127.0.0.1:%[1]d,CONTROLLER://127.0.0.1:%[2]d
advertised.listeners=PLAINTEXT://127.0.0.1:%[1]d,CONTROLLER://127.0.0.1:%[2]d
controller.listener.names=CONTROLLER
log.dirs=%[3]s/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
`, client, controller, b.dir)
	require.NoError(t, os.WriteFile(b.dir+"/server.properties", []byte(properties), 0o644))
	const quiet = "Configuration:\n  Loggers:\n    Root:\n      level: 'off'\n"
	require.NoError(t, os.WriteFile(b.dir+"/log4j2.yaml", []byte(quiet), 0o644))
	require.NoError(t, install.Run(b.java("kafka.tools.StorageTool", "format", "--standalone",
		"-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", b.dir+"/server.properties")))
	b.Run(t)
	t.Cleanup(b.Kill)
	admin := b.admin(t)
	defer admin.Close()
	_, err = admin.CreateTopics(t.Context(), partitions, 1, nil, topics...)
	require.NoError(t, err)
	return b
}

func (b *Broker) java(args ...string) *exec.Cmd {
	options := []string{"-Xmx512m", "-Dlog4j2.configurationFile=" + b.dir + "/log4j2.yaml", "-cp", b.jars + "/*"}
	return exec.Command("java", append(options, args...)...)
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
	testenv.Await(t, "Kafka", func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := admin.ListTopics(ctx); err != nil {
			printed, _ := os.ReadFile(log.Name())
			return fmt.Errorf("%w: %s", err, install.Tail(printed))
		}
		return nil
	})
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

func (b *Broker) admin(t testing.TB) *kadm.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr))
	require.NoError(t, err)
	return kadm.NewClient(client)
}

// AppendTime has topics keep the broker's own times, in place of producers'.
func (b *Broker) AppendTime(t testing.TB, topics ...string) {
	t.Helper()
	admin := b.admin(t)
	defer admin.Close()
	value := "LogAppendTime"
	change := kadm.AlterConfig{Op: kadm.SetConfig, Name: "message.timestamp.type", Value: &value}
	_, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{change}, topics...)
	require.NoError(t, err)
}
