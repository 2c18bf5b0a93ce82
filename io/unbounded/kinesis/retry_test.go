package kinesis

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"adtoorder/io/unbounded"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpiredIteratorIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answers: []any{answer("a", 0, "5"), &types.ExpiredIteratorException{}, answer("b", 0, "6")}}
		c := f.client()
		read(t, c, "")
		b := read(t, c, "5")
		assert.Equal(t, "6", b.Next)
		assert.Equal(t, []string{"new", "a", "new"}, f.reads)
		require.Len(t, f.iterators, 2)
		assert.Equal(t, "5", *f.iterators[1].StartingSequenceNumber)
	})
}

func TestIteratorThatExpiresAtOnceIsAnError(t *testing.T) {
	f := &fake{answers: []any{&types.ExpiredIteratorException{}}}
	_, err := f.client().Read(t.Context(), "s0", "5")
	assert.ErrorContains(t, err, `reading stream clicks behind position "5"`)
}

func TestThrottledShardIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := &types.ProvisionedThroughputExceededException{}
		f := &fake{answers: []any{throttle, throttle, &types.LimitExceededException{}, answer("a", 0, "6"), throttle,
			answer("b", 0, "7")}}
		c := f.client()
		start, position, waits := time.Now(), "5", []time.Duration(nil)
		for position != "7" {
			before := len(f.reads)
			b, err := c.Read(t.Context(), "s0", position)
			require.NoError(t, err)
			if len(b.Records) == 0 {
				require.Equal(t, unbounded.Batch{Next: position}, b)
			}
			if len(f.reads) > before {
				waits = append(waits, time.Since(start))
				start = time.Now()
			}
			position = b.Next
			time.Sleep(50 * time.Millisecond)
		}
		ms := time.Millisecond
		assert.Equal(t, []time.Duration{0, 500 * ms, 1000 * ms, 2000 * ms, pollInterval, 500 * ms}, waits)
		assert.Len(t, f.iterators, 1)
	})
}

func TestThrottledIteratorPausesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{refuse: &types.ProvisionedThroughputExceededException{}}
		c := f.client()
		assert.Equal(t, unbounded.Batch{Next: "5"}, read(t, c, "5"))
		assert.Equal(t, unbounded.Batch{Next: "5"}, read(t, c, "5"))
		assert.Len(t, f.iterators, 1)
		f.refuse = nil
		time.Sleep(500 * time.Millisecond)
		assert.NotZero(t, read(t, c, "5").End)
	})
}

func TestFailureMakesANewIterator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("no network")
		f := &fake{answers: []any{answer("a", 0, "5"), failure, answer("b", 0, "6")}}
		c := f.client()
		read(t, c, "")
		time.Sleep(pollInterval)
		_, err := c.Read(t.Context(), "s0", "5")
		assert.ErrorIs(t, err, failure)
		assert.Equal(t, "6", read(t, c, "5").Next)
		assert.Equal(t, []string{"new", "a", "new"}, f.reads)
		f.refuse = failure
		time.Sleep(pollInterval)
		_, err = c.Read(t.Context(), "s0", "x")
		assert.ErrorIs(t, err, failure)
		assert.ErrorContains(t, err, `looking for position "x" of stream clicks`)
	})
}

func TestBackoff(t *testing.T) {
	assert.Equal(t, 500*time.Millisecond, backoff(0))
	assert.Equal(t, 8*time.Second, backoff(4))
	assert.Equal(t, 10*time.Second, backoff(5))
	assert.Equal(t, 10*time.Second, backoff(1_000_000))
}

// silent never answers.
type silent struct{ reader }

func (silent) ListShards(ctx context.Context, _ *kinesis.ListShardsInput,
	_ ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (silent) GetShardIterator(ctx context.Context, _ *kinesis.GetShardIteratorInput,
	_ ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A stream that does not answer holds a reader up no longer than a request may take.
func TestRequestsAreGivenUp(t *testing.T) {
	for name, ask := range map[string]func(context.Context, *client) error{
		"listing": func(ctx context.Context, c *client) error { _, err := c.Partitions(ctx); return err },
		"reading": func(ctx context.Context, c *client) error { _, err := c.Read(ctx, "s0", "5"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := ask(t.Context(), &client{api: silent{}, shards: map[string]*shard{}})
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, requestTimeout, time.Since(start))
			})
		})
	}
}

// The SDK tries failures of the service again, but not what came too often.
func TestRequestsOfAReader(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		asked  int64
		fails  bool
	}{
		"throttled": {400, `{"__type": "ProvisionedThroughputExceededException", "message": "Rate exceeded"}`, 1, false},
		"refused":   {400, `{"__type": "AccessDeniedException", "message": "no"}`, 1, true},
		"failing":   {500, `{"__type": "InternalFailure", "message": "oh"}`, 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, asked := answering(t, test.status, test.body)
			c, err := s.Connect(t.Context())
			require.NoError(t, err)
			defer c.Close()
			b, err := c.Read(t.Context(), "s0", "5")
			assert.EqualValues(t, test.asked, asked.Load())
			if test.fails {
				assert.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, unbounded.Batch{Next: "5"}, b)
		})
	}
}
