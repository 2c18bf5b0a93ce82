package kinesis

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sink takes messages as AWS does: it may refuse some of a request.
type sink struct {
	refuse   func(request, index int) bool
	fail     error
	requests []int // messages in each
	taken    []string
}

func (s *sink) PutRecords(_ context.Context, in *kinesis.PutRecordsInput,
	_ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	out := &kinesis.PutRecordsOutput{}
	for i, r := range in.Records {
		if s.refuse != nil && s.refuse(len(s.requests), i) {
			out.Records = append(out.Records, types.PutRecordsResultEntry{ErrorCode: aws.String("Throttled"),
				ErrorMessage: aws.String("slow down")})
			continue
		}
		out.Records = append(out.Records, types.PutRecordsResultEntry{SequenceNumber: aws.String("1")})
		s.taken = append(s.taken, *in.StreamName+" "+*r.PartitionKey+" "+string(r.Data[:min(len(r.Data), 10)]))
	}
	s.requests = append(s.requests, len(in.Records))
	return out, nil
}

func put(t *testing.T, w *Writer, n, size int) {
	t.Helper()
	for i := range n {
		payload := make([]byte, size)
		copy(payload, strconv.Itoa(i))
		require.NoError(t, w.Put(t.Context(), "k", payload))
	}
}

func TestWriterMakesRequests(t *testing.T) {
	for name, test := range map[string]struct {
		n, size int
		want    []int
	}{
		"nothing":                {0, 0, nil},
		"few":                    {3, 10, []int{3}},
		"as many as go":          {500, 10, []int{500}},
		"one more":               {501, 10, []int{500, 1}},
		"as much as goes":        {4, 1<<20 - 1, []int{4}}, // with the keys
		"a byte more":            {5, 1 << 20, []int{3, 2}},
		"each more than a whole": {2, 5 << 20, []int{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &sink{}
			w := &Writer{api: s, stream: "clicks"}
			put(t, w, test.n, test.size)
			require.NoError(t, w.Close(t.Context()))
			assert.Equal(t, test.want, s.requests)
			assert.Len(t, s.taken, test.n)
			require.NoError(t, w.Flush(t.Context()))
			assert.Equal(t, test.want, s.requests)
		})
	}
}

func TestWriterRepeatsWhatWasRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{refuse: func(request, index int) bool { return request == 1 || request < 3 && index%2 == 1 }}
		w := &Writer{api: s, stream: "clicks"}
		put(t, w, 5, 1)
		start := time.Now()
		require.NoError(t, w.Flush(t.Context()))
		assert.Equal(t, []int{5, 2, 2, 1}, s.requests)
		assert.Equal(t, []string{"clicks k 0", "clicks k 2", "clicks k 4", "clicks k 1", "clicks k 3"}, s.taken)
		assert.Equal(t, 2*time.Second, time.Since(start), "0.5 s, 1 s as nothing was taken, 0.5 s")
		assert.Zero(t, w.size)
	})
}

func TestWriterGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{refuse: func(int, int) bool { return true }}
		w := &Writer{api: s, stream: "clicks"}
		put(t, w, 2, 1)
		assert.EqualError(t, w.Flush(t.Context()),
			"writing to stream clicks: 2 messages were refused 8 times: Throttled: slow down")
		assert.Len(t, s.requests, maxTries)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, w.Flush(ctx), context.DeadlineExceeded)

		s.refuse = nil
		require.NoError(t, w.Flush(t.Context()))
		assert.Equal(t, []string{"clicks k 0", "clicks k 1"}, s.taken)
	})
}

func TestWriterKeepsWhatCouldNotBeSent(t *testing.T) {
	s := &sink{fail: errors.New("no network")}
	w := &Writer{api: s, stream: "clicks"}
	put(t, w, maxRecords, 1)
	assert.ErrorIs(t, w.Put(t.Context(), "k", []byte("refused")), s.fail)
	assert.ErrorIs(t, w.Flush(t.Context()), s.fail)
	s.fail = nil
	require.NoError(t, w.Flush(t.Context()))
	assert.Len(t, s.taken, maxRecords)
}
