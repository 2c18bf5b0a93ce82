package retry

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"adtoorder/io/progress"

	"github.com/googleapis/gax-go/v2"
	"github.com/stretchr/testify/assert"
	"google.golang.org/api/googleapi"
)

var errBusy, errRefused = errors.New("busy,\ntry later"), errors.New("refused")

// policy is one that is over soon.
func policy() Policy {
	return Policy{Of: "The service: ", Backoff: gax.Backoff{Initial: time.Millisecond, Max: time.Millisecond},
		Patience: 200 * time.Millisecond,
		Passes:   func(err error) bool { return !errors.Is(err, errRefused) },
		Explain:  func(doing string, err error) error { return fmt.Errorf("%s: %w", doing, err) }}
}

func TestDo(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	for name, test := range map[string]struct {
		ctx  context.Context
		do   func(ctx context.Context, try int) error
		want string // "" for success
		told string
	}{
		"at once": {t.Context(), func(context.Context, int) error { return nil }, "", ""},
		"in the end": {t.Context(), func(_ context.Context, try int) error {
			if try < 3 {
				return errBusy
			}
			return nil
		}, "", "The service: asking failed, trying again in "},
		"for good": {t.Context(), func(context.Context, int) error { return errRefused }, "asking: refused", ""},
		"for long, and the last try was cut short": {t.Context(), func(ctx context.Context, try int) error {
			if try < 3 {
				return errBusy
			}
			<-ctx.Done()
			return ctx.Err()
		}, "asking, tried for 200ms: busy,\ntry later", "trying again"},
		"no answer at all": {t.Context(), func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}, "asking, tried for 200ms: context deadline exceeded", ""},
		"until it is cancelled": {cancelled, func(_ context.Context, try int) error {
			if try == 3 {
				cancel()
			}
			return errBusy
		}, "asking: busy,\ntry later", "trying again"},
	} {
		t.Run(name, func(t *testing.T) {
			told := ""
			progress.OnProblem(func(text string) { told = text })
			defer progress.OnProblem(func(string) {})
			try := 0
			err := policy().Do(test.ctx, "asking", func(ctx context.Context) error {
				try++
				return test.do(ctx, try)
			})
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, test.want)
			}
			assert.Contains(t, told, test.told)
			assert.Equal(t, test.told == "", told == "")
			assert.NotContains(t, told, "\n")
		})
	}
}

// A try without an answer is given up, and another is made.
func TestAnswer(t *testing.T) {
	p := policy()
	p.Answer = 10 * time.Millisecond
	try := 0
	assert.NoError(t, p.Do(t.Context(), "asking", func(ctx context.Context) error {
		if try++; try == 1 {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}))
}

func TestOneLine(t *testing.T) {
	failed := &googleapi.Error{Code: 403, Message: "no\nlook", Errors: []googleapi.ErrorItem{{Reason: "forbidden"}}}
	assert.Equal(t, "looking: 403 no look", OneLine(fmt.Errorf("looking: %w", failed)))
	assert.Equal(t, "busy, try later", OneLine(errBusy))
}
