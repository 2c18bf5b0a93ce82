package kafka

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestReadsAllPartitions(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 3)
	at := time.UnixMilli(1_700_000_000_123)
	produce(t, s, &kgo.Record{Partition: 0, Value: []byte("a"), Timestamp: at},
		&kgo.Record{Partition: 0, Value: []byte("b"), Timestamp: at.Add(-time.Second)},
		&kgo.Record{Partition: 2, Value: []byte("c"), Timestamp: at.Add(time.Millisecond)})
	r := open(t, s)
	before := time.Now()
	r.drain()
	assert.Equal(t, []record.Record{
		{Payload: []byte("a"), Size: 1, Source: "kafka:t/0", Time: at.UnixMilli(), Offset: 0, Counted: true},
		{Payload: []byte("b"), Size: 1, Source: "kafka:t/0", Time: at.UnixMilli() - 1000, Offset: 1, Counted: true},
	}, r.got["0"])
	assert.Empty(t, r.got["1"])
	assert.Equal(t, []record.Record{{Payload: []byte("c"), Size: 1, Source: "kafka:t/2", Time: at.UnixMilli() + 1,
		Offset: 0, Counted: true}}, r.got["2"])
	assert.Equal(t, map[string]string{"0": "2", "1": "0", "2": "1"}, r.positions)
	for _, end := range r.ended {
		assert.WithinRange(t, end, before, time.Now())
	}
	produce(t, s, messages(1, "d")...)
	r.drain()
	assert.Equal(t, []string{"d"}, r.values("1"))
}

// numbers returns n different values.
func numbers(n int) (all []string) {
	for i := range n {
		all = append(all, strconv.Itoa(i))
	}
	return all
}

func TestPositionsResumeExactly(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 2)
	want := numbers(2*batch + 100)
	produce(t, s, append(messages(0, want...), messages(1, "x", "y")...)...)
	first := open(t, s)
	first.until(func() bool { return len(first.got["0"]) > 0 })
	read := first.values("0")
	assert.Equal(t, want[:len(read)], read)
	assert.Equal(t, strconv.Itoa(len(read)), first.positions["0"])

	// Another reader goes on.
	second := open(t, s)
	second.positions = map[string]string{"0": first.positions["0"], "1": "1"}
	second.drain()
	assert.Equal(t, want[len(read):], second.values("0"))
	assert.Equal(t, []string{"y"}, second.values("1"))

	// The same reader goes back, and forth.
	for _, position := range []int{len(read) - 3, 2 * batch, 7, 0, len(want)} {
		first.got, first.positions["0"] = map[string][]record.Record{}, strconv.Itoa(position)
		first.ended = map[string]time.Time{}
		first.drain()
		assert.Equal(t, want[position:], append([]string{}, first.values("0")...), "from %d", position)
	}
}

func TestABatchIsOfLimitedSize(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1)
	produce(t, s, messages(0, numbers(batch+1)...)...)
	r := open(t, s)
	require.NoError(t, r.list())
	require.NoError(t, r.client.seek(0, "0"))
	require.Eventually(t, func() bool {
		r.client.poll(0)
		return r.client.kept() == batch+1
	}, 8*time.Second, 5*time.Millisecond)
	b, err := r.read("0")
	require.NoError(t, err)
	assert.Len(t, b.Records, batch)
	assert.True(t, b.More)
	r.drain()
	assert.Equal(t, numbers(batch+1), r.values("0"))
}

// A partition without records has more fetched whenever it is read.
func TestABacklogDoesNotPileUp(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 2)
	const n = 20 * batch
	all := make([]*kgo.Record, n)
	for i := range all {
		all[i] = &kgo.Record{Value: []byte("x")}
	}
	produce(t, s, all...)
	r := open(t, s)
	most := 0
	r.until(func() bool {
		most = max(most, r.client.kept())
		return len(r.got["0"]) == n
	})
	assert.LessOrEqual(t, most, 8*batch)
}

// A message without a payload is none, one that is empty is a record that can't be read.
func TestEmptyAndLongMessages(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1, kfake.BrokerConfigs(map[string]string{"message.max.bytes": strconv.Itoa(8 << 20)}))
	longest := strings.Repeat("x", record.MaxSize)
	produce(t, s, &kgo.Record{Key: []byte("k")}, &kgo.Record{Value: []byte{}}, messages(0, longest)[0],
		messages(0, longest+"y")[0],
		messages(0, strings.Repeat("z", 3*record.MaxSize))[0], messages(0, "last")[0])
	r := open(t, s)
	r.drain()
	var got []string
	for _, one := range r.got["0"] {
		assert.True(t, one.Unbounded())
		got = append(got, fmt.Sprintf("%d: %d of %d", one.Offset, len(one.Payload), one.Size))
	}
	assert.Equal(t, []string{"1: 0 of 0", "2: 1048576 of 1048576", "3: 65536 of 1048577",
		"4: 65536 of 3145728", "5: 4 of 4"}, got)
}

// Tombstones alone move a reader on, too.
func TestTombstonesAreNoRecords(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1)
	produce(t, s, &kgo.Record{Key: []byte("k")}, &kgo.Record{Key: []byte("l")})
	r := open(t, s)
	r.drain()
	assert.Empty(t, r.got["0"])
	assert.Equal(t, "2", r.positions["0"])
}

func TestAMessageMayHoldSeveralRecords(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1)
	produce(t, s, messages(0, `{"n":0}`, `[{"n":1},{"n":2}]`, "{\n \"n\": 3\n}\n", `{"n":4}{"n":5`, `[]`)...)
	r := open(t, s)
	r.drain()
	var got []string
	for _, one := range r.got["0"] {
		got = append(got, one.Position()+": "+string(one.Payload))
	}
	assert.Equal(t, []string{`0: {"n":0}`, `1: {"n":1}`, `1/2: {"n":2}`, "2: {\n \"n\": 3\n}", `3: {"n":4}`,
		`3/2: {"n":5`}, got)
	assert.Equal(t, "5", r.positions["0"])
}

func TestMessagesWithoutATimeCameNow(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1)
	produce(t, s, &kgo.Record{Timestamp: time.UnixMilli(0), Value: []byte("{}")})
	r := open(t, s)
	r.drain()
	assert.InDelta(t, time.Now().UnixMilli(), r.got["0"][0].Time, 10_000)
}

// transaction writes messages in a transaction.
func transaction(t *testing.T, p *kgo.Client, end kgo.TransactionEndTry, all ...*kgo.Record) {
	t.Helper()
	require.NoError(t, p.BeginTransaction())
	require.NoError(t, p.ProduceSync(t.Context(), all...).FirstErr())
	require.NoError(t, p.EndTransaction(t.Context(), end))
}

func TestOnlyWhatWasCommittedIsRead(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 2)
	p := producer(t, s, kgo.TransactionalID("x"))
	transaction(t, p, kgo.TryAbort, messages(0, "aborted", "aborted")...)
	transaction(t, p, kgo.TryCommit, slices.Concat(messages(0, "a", "b"), messages(1, "c"))...)
	produce(t, s, messages(0, "d")...)
	transaction(t, p, kgo.TryAbort, slices.Concat(messages(0, "aborted"), messages(1, "aborted"))...)
	r := open(t, s)
	r.drain() // though the last offsets hold no message
	assert.Equal(t, []string{"a", "b", "d"}, r.values("0"))
	assert.Equal(t, []string{"c"}, r.values("1"))
	assert.Equal(t, map[string]string{"0": "9", "1": "4"}, r.positions)

	second := open(t, s)
	second.positions = map[string]string{"0": "4", "1": "2"} // amid a transaction, and behind its end
	second.drain()
	assert.Equal(t, []string{"b", "d"}, second.values("0"))
	assert.Empty(t, second.values("1"))
}

func TestAnOpenTransactionIsNoEnd(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1)
	p := producer(t, s, kgo.TransactionalID("x"))
	produce(t, s, messages(0, "a")...)
	require.NoError(t, p.BeginTransaction())
	require.NoError(t, p.ProduceSync(t.Context(), messages(0, "b")...).FirstErr())
	produce(t, s, messages(0, "c")...)
	r := open(t, s)
	r.until(func() bool { return len(r.got["0"]) == 1 })
	for range 30 {
		require.NoError(t, r.round())
		time.Sleep(10 * time.Millisecond)
	}
	assert.Equal(t, []string{"a"}, r.values("0"))
	assert.Empty(t, r.ended, "what was written may still be committed")
	require.NoError(t, p.EndTransaction(t.Context(), kgo.TryCommit))
	r.drain()
	assert.Equal(t, []string{"a", "b", "c"}, r.values("0"))
}

func TestRefusesWhatItNeverGave(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1)
	r := open(t, s)
	_, err := r.client.Read(t.Context(), "0", "x7")
	assert.ErrorContains(t, err, `position "x7" is no offset`)
	_, err = r.client.Read(t.Context(), "a", "")
	assert.ErrorContains(t, err, `"a" is no partition`)
	_, err = r.client.Start(t.Context(), "a")
	assert.ErrorContains(t, err, `"a" is no partition`)
	_, err = r.client.Start(t.Context(), "7")
	assert.ErrorContains(t, err, "the broker does not list it")
}
