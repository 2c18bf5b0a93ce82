package kafka

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestStartsAtATime(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 3)
	at := func(seconds int64) time.Time { return time.Unix(1_700_000_000+seconds, 0) }
	for i, value := range []string{"a", "b", "c", "d"} { // each in a batch of its own
		produce(t, s, &kgo.Record{Partition: 0, Value: []byte(value), Timestamp: at(int64(i))})
	}
	produce(t, s, &kgo.Record{Partition: 1, Value: []byte("old"), Timestamp: at(-1)})
	for seconds, want := range map[int64][]string{-9: {"a", "b", "c", "d"}, 0: {"a", "b", "c", "d"}, 2: {"c", "d"},
		3: {"d"}, 4: nil} {
		t.Run(fmt.Sprintf("from %d", seconds), func(t *testing.T) {
			s.StartMillis = at(seconds).UnixMilli()
			r := open(t, s)
			r.drain()
			assert.Equal(t, want, r.values("0"), "from %d", seconds)
			if seconds >= 0 {
				assert.Empty(t, r.values("1"))
				assert.Equal(t, "1", r.positions["1"])
			}
			assert.Equal(t, "0", r.positions["2"])
		})
	}
	s.StartMillis = at(60).UnixMilli()
	r := open(t, s)
	r.drain()
	produce(t, s, messages(1, "new")...)
	r.drain()
	assert.Equal(t, []string{"new"}, r.values("1"))
}

func TestOlderMessagesWereDeleted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		position string // "start" for that which the client tells
		deleted  int64  // messages of 10
		want     []string
	}{
		"from the start":                     {"start", 4, numbers(10)[4:]},
		"from the beginning":                 {"", 4, numbers(10)[4:]},
		"from a position that is gone":       {"1", 4, numbers(10)[4:]},
		"from a position that is there":      {"6", 4, numbers(10)[6:]},
		"all, from the start":                {"start", 10, nil},
		"all, from the beginning":            {"", 10, nil},
		"all, from a position that is gone":  {"1", 10, nil},
		"all, from a position that was last": {"10", 10, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := inProcess(t, 1)
			produce(t, s, messages(0, numbers(10)...)...)
			require.NoError(t, c.DeleteRecords("t", 0, test.deleted))
			r := open(t, s)
			if test.position != "start" {
				r.positions["0"] = test.position
			}
			r.drain()
			assert.Equal(t, test.want, r.values("0"))
			produce(t, s, messages(0, "new")...)
			r.drain()
			assert.Equal(t, append(test.want, "new"), r.values("0"))
		})
	}
}

func TestMessagesAreDeletedWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	c, s := inProcess(t, 1)
	produce(t, s, messages(0, numbers(10)...)...)
	r := open(t, s)
	r.drain()
	produce(t, s, messages(0, "gone", "gone", "gone")...)
	require.NoError(t, c.DeleteRecords("t", 0, 13))
	r.drain()
	produce(t, s, messages(0, "new")...)
	r.drain()
	got := r.values("0") // those that were deleted may have been fetched before
	assert.Equal(t, append(numbers(10), "new"), append(got[:10:10], got[len(got)-1]))
}

func TestNewPartitionsAreReadFromTheirBeginning(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1)
	s.StartMillis = time.Now().Add(time.Hour).UnixMilli() // which is for the partitions that are there
	produce(t, s, messages(0, "before")...)
	r := open(t, s)
	r.drain()
	assert.Empty(t, r.values("0"))
	admin := kadm.NewClient(producer(t, s))
	_, err := admin.UpdatePartitions(t.Context(), 3, "t")
	require.NoError(t, err)
	produce(t, s, messages(2, "a", "b")...)
	start := time.Now()
	r.until(func() bool { return len(r.got["2"]) == 2 })
	assert.Less(t, time.Since(start), 4*time.Second)
	r.drain()
	assert.Equal(t, map[string]string{"0": "1", "1": "", "2": "2"}, r.positions)
	produce(t, s, messages(1, "c")...)
	r.drain()
	assert.Equal(t, []string{"c"}, r.values("1"))
}
