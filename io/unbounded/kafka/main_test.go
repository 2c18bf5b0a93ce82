package kafka

import (
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"adtoorder/io/record"
	"adtoorder/io/unbounded"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	right = "KAFKA_TEST_RIGHT" // variable with the password of the user me
	wrong = "KAFKA_TEST_WRONG"
)

func TestMain(m *testing.M) {
	os.Setenv(right, secret)
	os.Setenv(wrong, secret+"x")
	flag.Parse()
	flag.Set("test.parallel", "32") // they wait most of the time
	os.Exit(m.Run())
}

// inProcess returns a cluster of two brokers with a topic, t, and its source.
func inProcess(t *testing.T, partitions int32, options ...kfake.Opt) (*kfake.Cluster, Source) {
	t.Helper()
	options = append([]kfake.Opt{kfake.NumBrokers(2), kfake.SeedTopics(partitions, "t")}, options...)
	c, err := kfake.NewCluster(options...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, Source{Brokers: c.ListenAddrs()[0], Topic: "t"}
}

// producer returns a client that writes to the partitions that it is told.
func producer(t *testing.T, s Source, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	options = append(options, kgo.SeedBrokers(s.Brokers), kgo.DefaultProduceTopic(s.Topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MaxBufferedRecords(100_000),
		kgo.ProducerBatchMaxBytes(4<<20))
	p, err := kgo.NewClient(options...)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

// produce writes messages and waits until they are there.
func produce(t *testing.T, s Source, messages ...*kgo.Record) {
	t.Helper()
	p := producer(t, s)
	defer p.Close()
	require.NoError(t, p.ProduceSync(t.Context(), messages...).FirstErr())
}

// messages returns messages of a partition.
func messages(partition int32, values ...string) (all []*kgo.Record) {
	for _, value := range values {
		all = append(all, &kgo.Record{Partition: partition, Value: []byte(value)})
	}
	return all
}

// reader reads a topic as package live does.
type reader struct {
	t         *testing.T
	client    *client
	positions map[string]string
	got       map[string][]record.Record
	ended     map[string]time.Time // when the end was confirmed for
}

func open(t *testing.T, s Source) *reader {
	t.Helper()
	c, err := s.Connect(t.Context())
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return &reader{t, c.(*client), map[string]string{}, map[string][]record.Record{}, map[string]time.Time{}}
}

// list takes on the partitions that are new.
func (r *reader) list() error {
	listed, err := r.client.Partitions(r.t.Context())
	if err != nil {
		return err
	}
	first := len(r.positions) == 0
	for _, p := range listed {
		if _, ok := r.positions[p.Name]; ok {
			continue
		}
		r.positions[p.Name] = ""
		if first {
			if r.positions[p.Name], err = r.client.Start(r.t.Context(), p.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads one batch of a partition.
func (r *reader) read(partition string) (unbounded.Batch, error) {
	b, err := r.client.Read(r.t.Context(), partition, r.positions[partition])
	if err != nil {
		return b, err
	}
	r.positions[partition] = b.Next
	r.got[partition] = append(r.got[partition], b.Records...)
	if !b.End.IsZero() {
		require.Empty(r.t, b.Records)
		require.False(r.t, b.More)
		r.ended[partition] = b.End
	}
	return b, nil
}

// round lists, and reads every partition once.
func (r *reader) round() error {
	if err := r.list(); err != nil {
		return err
	}
	for partition := range r.positions {
		if _, err := r.read(partition); err != nil {
			return err
		}
	}
	return nil
}

// until reads until something is so.
func (r *reader) until(so func() bool) {
	r.t.Helper()
	require.NoError(r.t, r.despite(so), "while reading")
}

// despite reads until something is so, and returns the errors on the way.
func (r *reader) despite(so func() bool) (failed error) {
	r.t.Helper()
	for deadline := time.Now().Add(8 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		require.True(r.t, time.Now().Before(deadline), "it does not come: %v, %v", r.positions, failed)
		failed = errors.Join(failed, r.round())
	}
	return failed
}

// drain reads until the source confirms that all was read that is there by now.
func (r *reader) drain() {
	r.t.Helper()
	now := time.Now()
	r.until(func() bool {
		for partition := range r.positions {
			if r.ended[partition].Before(now) {
				return false
			}
		}
		return len(r.positions) > 0
	})
}

// values returns the payloads that were read of a partition.
func (r *reader) values(partition string) (all []string) {
	for _, one := range r.got[partition] {
		all = append(all, string(one.Payload))
	}
	return all
}
