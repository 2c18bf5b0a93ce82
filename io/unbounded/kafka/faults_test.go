package kafka

import (
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// stopped has a cluster stop while down is set: it closes its connections, or it
// hangs, and answers later.
func stopped(c *kfake.Cluster, hangs bool) (down *atomic.Bool) {
	down = &atomic.Bool{}
	c.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if down.Load() && !hangs {
			return nil, errors.New("the broker is gone"), true
		}
		if down.Load() {
			c.SleepControl(func() {
				for down.Load() {
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		return nil, nil, false
	})
	return down
}

func TestABrokerThatStopsAndComesBack(t *testing.T) {
	t.Parallel()
	for name, hangs := range map[string]bool{"gone": false, "hanging": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := inProcess(t, 2)
			down := stopped(c, hangs)
			produce(t, s, append(messages(0, "a", "b"), messages(1, "c")...)...)
			r := open(t, s)
			r.drain()
			positions := map[string]string{"0": "2", "1": "1"}
			require.Equal(t, positions, r.positions)
			r.ended = map[string]time.Time{}

			down.Store(true)
			start := time.Now()
			_, err := r.client.Partitions(t.Context())
			took := time.Since(start)
			t.Logf("after %v: %v", took, err)
			assert.Error(t, err)
			assert.Less(t, took, 6*time.Second)
			for partition := range positions {
				b, err := r.read(partition)
				assert.Empty(t, b.Records)
				assert.True(t, err != nil || b.End.Before(start), "the end can't be confirmed now")
			}
			assert.Equal(t, positions, r.positions)

			down.Store(false)
			produce(t, s, append(messages(0, "d"), messages(1, "e")...)...)
			start = time.Now()
			r.despite(func() bool { return len(r.got["0"])+len(r.got["1"]) == 5 })
			t.Logf("going on after %v", time.Since(start))
			r.drain()
			assert.Equal(t, []string{"a", "b", "d"}, r.values("0"))
			assert.Equal(t, []string{"c", "e"}, r.values("1"))
		})
	}
}

func TestAPartitionThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	c, s := inProcess(t, 2)
	produce(t, s, append(messages(0, "a"), messages(1, "b")...)...)
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: "t", Partitions: []int32{1},
		Err: kerr.TopicAuthorizationFailed, Count: -1})
	r := open(t, s)
	err := r.despite(func() bool { return fault.Hits() > 2 })
	assert.ErrorContains(t, err, "fetching partition 1: TOPIC_AUTHORIZATION_FAILED")
	assert.ErrorIs(t, err, kerr.TopicAuthorizationFailed)
	for range 20 { // whichever polls
		_, err := r.read("0")
		assert.NoError(t, err, "it is another's fault")
		time.Sleep(10 * time.Millisecond)
	}
	fault.Remove()
	r.despite(func() bool { return len(r.got["0"])+len(r.got["1"]) == 2 })
	assert.Equal(t, []string{"a"}, r.values("0"))
	assert.Equal(t, []string{"b"}, r.values("1"))
}

// Where one partition's end is not known, none is confirmed.
func TestAPartitionThatIsNotListed(t *testing.T) {
	t.Parallel()
	c, s := inProcess(t, 2)
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "t", Partitions: []int32{1},
		Err: kerr.UnknownServerError, Count: -1})
	r := open(t, s)
	assert.ErrorIs(t, r.list(), kerr.UnknownServerError)
	assert.Empty(t, r.positions)
	fault.Remove()
	r.drain()
	assert.Equal(t, map[string]string{"0": "0", "1": "0"}, r.positions)
}

func TestLeadersMoveWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	c, s := inProcess(t, 4)
	// Kafka knows of leaders that have written nothing, kfake does not.
	c.ControlKey(int16(kmsg.OffsetForLeaderEpoch), func(request kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return nothingLost(request.(*kmsg.OffsetForLeaderEpochRequest)), nil, true
	})
	r := open(t, s)
	for i := range 5 {
		for p := range int32(4) {
			produce(t, s, messages(p, strconv.Itoa(i))...)
			require.NoError(t, c.MoveTopicPartition("t", p, int32(i)%2))
		}
		require.NoError(t, r.despite(func() bool { return len(r.got["3"]) > i }), "it is not worth a problem")
	}
	r.drain()
	for _, partition := range []string{"0", "1", "2", "3"} {
		assert.Equal(t, numbers(5), r.values(partition))
	}
}

// nothingLost says that all leaders go on where those before have ended.
func nothingLost(request *kmsg.OffsetForLeaderEpochRequest) kmsg.Response {
	answer := request.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
	for _, asked := range request.Topics {
		topic := kmsg.NewOffsetForLeaderEpochResponseTopic()
		topic.Topic = asked.Topic
		for _, p := range asked.Partitions {
			partition := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
			partition.Partition, partition.LeaderEpoch, partition.EndOffset = p.Partition, p.LeaderEpoch, 1<<40
			topic.Partitions = append(topic.Partitions, partition)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	return answer
}

// Where a broker no longer knows what was read, a minute is read again: not the
// whole partition, and not without a word.
func TestABrokerThatLostMessages(t *testing.T) {
	t.Parallel()
	c, s := inProcess(t, 1)
	now := time.Now()
	for i, ago := range []time.Duration{3 * time.Hour, 2 * time.Minute, time.Second, 0} {
		produce(t, s, &kgo.Record{Value: []byte(strconv.Itoa(i)), Timestamp: now.Add(-ago)})
	}
	r := open(t, s)
	r.drain()
	require.Equal(t, numbers(4), r.values("0"))
	require.NoError(t, c.MoveTopicPartition("t", 0, 1-c.LeaderFor("t", 0))) // kfake has forgotten the last leader then
	err := r.despite(func() bool { return len(r.got["0"]) > 5 })
	assert.ErrorContains(t, err, "fetching partition 0: topic t partition 0 lost records")
	r.drain()
	assert.Equal(t, append(numbers(4), "2", "3"), r.values("0"))
}
