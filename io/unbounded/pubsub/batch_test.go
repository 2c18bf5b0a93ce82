package pubsub

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ofEach is the error of a subscription with exactly-once delivery, which says of
// ids what became of them.
func ofEach(t *testing.T, code codes.Code, told map[string]string) error {
	t.Helper()
	s, err := status.New(code, "oh").WithDetails(&errdetails.ErrorInfo{Reason: "R", Domain: "pubsub.googleapis.com",
		Metadata: told})
	require.NoError(t, err)
	return s.Err()
}

func TestWhatFailsForGoodBlocksNoOther(t *testing.T) {
	const transient, gone = "TRANSIENT_FAILURE_UNORDERED_ACK_ID", "PERMANENT_FAILURE_INVALID_ACK_ID"
	ids := []string{"a", "b", "c", "d", "e"}
	for name, test := range map[string]struct {
		answer         func(ids []string) error
		again, refused []string
	}{
		"all well": {func([]string) error { return nil }, nil, nil},
		"told of each": {func([]string) error {
			return ofEach(t, codes.FailedPrecondition, map[string]string{"a": transient, "c": gone,
				"d": "PERMANENT_FAILURE_OTHER"})
		}, []string{"a", "b", "e"}, []string{"c", "d"}},
		"told of another thing": {func([]string) error {
			return ofEach(t, codes.PermissionDenied, map[string]string{"permission": "pubsub.subscriptions.consume"})
		}, ids, nil},
		"not now":      {func([]string) error { return status.Error(codes.Unavailable, "oh") }, ids, nil},
		"not reached":  {func([]string) error { return errors.New("oh") }, ids, nil},
		"not you":      {func([]string) error { return status.Error(codes.PermissionDenied, "oh") }, ids, nil},
		"a broken one": {func(ids []string) error { return ifIn(ids, "d", codes.InvalidArgument) }, nil, []string{"d"}},
		"a broken and a failing one": {func(ids []string) error {
			return errors.Join(ifIn(ids, "d", codes.InvalidArgument), ifIn(ids, "a", codes.Internal))
		}, []string{"a", "b"}, []string{"d"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := send(t.Context(), ids, func(_ context.Context, ids []string) error { return test.answer(ids) })
			slices.Sort(out.again)
			slices.Sort(out.refused)
			assert.Equal(t, test.again, out.again)
			assert.Equal(t, test.refused, out.refused)
			assert.Equal(t, len(test.again) > 0, out.err != nil)
		})
	}
}

func ifIn(ids []string, id string, code codes.Code) error {
	if slices.Contains(ids, id) {
		return status.Error(code, "oh")
	}
	return nil
}

// Requests are made side by side, each with a time of its own.
func TestRequestsDontWaitForOthers(t *testing.T) {
	under, all := make(chan bool, parallelRequests), make(chan bool)
	go func() {
		for range parallelRequests {
			<-under
		}
		close(all)
	}()
	out := send(t.Context(), make([]string, (parallelRequests+1)*maxIDs),
		func(ctx context.Context, ids []string) error {
			left, ok := ctx.Deadline()
			assert.True(t, ok && time.Until(left) <= requestTimeout)
			select {
			case under <- true:
			case <-all: // the ninth
			}
			select {
			case <-all:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	assert.Equal(t, outcome{}, out)
}

func TestRequestsAreSmall(t *testing.T) {
	var lengths []int
	for some := range requests(make([]string, 2500)) {
		lengths = append(lengths, len(some))
	}
	assert.Equal(t, []int{1000, 1000, 500}, lengths)
	ids := []string{strings.Repeat("a", maxBytes+1), strings.Repeat("b", maxBytes-1), "c", "d"}
	var got [][]string
	for some := range requests(ids) {
		got = append(got, some)
	}
	assert.Equal(t, [][]string{ids[:1], ids[1:3], ids[3:]}, got)
}
