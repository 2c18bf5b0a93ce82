package progress

import (
	"context"
	"sync/atomic"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
)

var problems atomic.Pointer[func(string)]

// Problem reports a fault that is being tried again: to the runner's log, and
// to whom OnProblem names.
func Problem(ctx context.Context, text string) {
	log.Warn(ctx, text)
	if tell := problems.Load(); tell != nil {
		(*tell)(text)
	}
}

// OnProblem has a function told of problems in this process.
func OnProblem(tell func(text string)) { problems.Store(&tell) }
