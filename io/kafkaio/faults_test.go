package kafkaio

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
	"github.com/twmb/franz-go/pkg/kmsg"
)

// stopped has a cluster stop while down is set: it closes its connections, or
// hangs and answers nothing.
func stopped(c *kfake.Cluster, hangs bool) (down *atomic.Bool) {
	down = &atomic.Bool{}
	c.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		switch {
		case !down.Load():
			return nil, nil, false
		case hangs:
			return nil, nil, true
		}
		return nil, errors.New("the broker is gone"), true
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
			require.Eventually(t, func() bool {
				return r.round() == nil && len(r.got["0"])+len(r.got["1"]) == 5
			}, 8*time.Second, 10*time.Millisecond)
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
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: "t", Partitions: []int32{1}, Err: kerr.TopicAuthorizationFailed, Count: -1})
	r := open(t, s)
	var err error
	require.Eventually(t, func() bool { err = r.round(); return err != nil }, 8*time.Second, 5*time.Millisecond)
	assert.ErrorContains(t, err, "fetching partition 1: TOPIC_AUTHORIZATION_FAILED")
	assert.ErrorIs(t, err, kerr.TopicAuthorizationFailed)
	fault.Remove()
	require.Eventually(t, func() bool { return r.round() == nil && len(r.got["0"])+len(r.got["1"]) == 2 }, 8*time.Second, 5*time.Millisecond)
	assert.Equal(t, []string{"a"}, r.values("0"))
	assert.Equal(t, []string{"b"}, r.values("1"))
}

// Where one partition's end is not known, none is confirmed.
func TestAPartitionThatIsNotListed(t *testing.T) {
	t.Parallel()
	c, s := inProcess(t, 2)
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "t", Partitions: []int32{1}, Err: kerr.UnknownServerError, Count: -1})
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
	r := open(t, s)
	for i := range 5 {
		for p := range int32(4) {
			produce(t, s, messages(p, strconv.Itoa(i))...)
		}
		for p := range int32(4) {
			require.NoError(t, c.MoveTopicPartition("t", p, int32(i+int(p))%2))
		}
		require.Eventually(t, func() bool { return r.round() == nil && len(r.got["3"]) > 0 }, 8*time.Second, 5*time.Millisecond)
	}
	for _, partition := range []string{"0", "1", "2", "3"} {
		require.Eventually(t, func() bool { return r.round() == nil && len(r.got[partition]) >= 5 }, 8*time.Second, 5*time.Millisecond)
	}
	r.drain()
	for _, partition := range []string{"0", "1", "2", "3"} {
		assert.Equal(t, numbers(5), r.values(partition))
	}
}
