// Package retry tries again what fails for a while in a service of a cloud, and reports
// it. io/storage and io/warehouse/bigquery use it.
package retry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"adtoorder/io/progress"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"
)

// Policy says how often and for how long something is tried.
type Policy struct {
	Of       string // what messages begin with, such as "BigQuery p.d: "; "" for nothing
	Backoff  gax.Backoff
	Patience time.Duration // for all tries
	Answer   time.Duration // for one try; 0 for no limit of its own
	// Passes tells whether a failure may be over when tried again.
	Passes func(error) bool
	// Explain makes the error of a failure for good, given what was being done.
	Explain func(doing string, err error) error
}

// Do does something until it succeeds or fails for good, and tells of every failure
// between. Its errors are Explain's.
func (p Policy) Do(ctx context.Context, doing string, do func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, p.Patience) // a client may try for ever by itself
	defer cancel()
	patience := p.Patience
	if end, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(end).Round(time.Millisecond))
	}
	var last error
	for {
		err := p.try(limited, do)
		if err == nil {
			return nil
		}
		if limited.Err() != nil && errors.Is(err, context.DeadlineExceeded) && last != nil {
			err = last // it tells more than that the time was over
		}
		last = err
		if limited.Err() == nil {
			if !p.Passes(err) {
				return p.Explain(doing, err)
			}
			pause := p.Backoff.Pause()
			progress.Problem(ctx, fmt.Sprintf("%s%s failed, trying again in %s: %s", p.Of, doing,
				pause.Round(time.Millisecond),
				OneLine(err)))
			if gax.Sleep(limited, pause) == nil {
				continue
			}
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			return p.Explain(doing, err)
		}
		return p.Explain(fmt.Sprintf("%s, tried for %s", doing, patience), err)
	}
}

// try does something once. A service may never answer.
func (p Policy) try(ctx context.Context, do func(context.Context) error) error {
	if p.Answer > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.Answer)
		defer cancel()
	}
	return do(ctx)
}

// OneLine is an error's text, without what a service adds for programs.
func OneLine(err error) string {
	text := err.Error()
	var rest *googleapi.Error
	if errors.As(err, &rest) && rest.Message != "" {
		text = strings.ReplaceAll(text, rest.Error(), fmt.Sprintf("%d %s", rest.Code, rest.Message))
	}
	return strings.Join(strings.Fields(text), " ")
}
