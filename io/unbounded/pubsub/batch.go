package pubsub

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/googleapis/gax-go/v2/apierror"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// maxIDs and maxBytes bound what a request names: Google takes 512 KiB.
	maxIDs   = 1000
	maxBytes = 400 << 10
	// parallelRequests is how many requests are under way.
	parallelRequests = 8
	// roundTimeout is how long they may take together; the rest has to be tried again.
	roundTimeout = 30 * time.Second
)

// outcome is what has become of ids that did not all go through.
type outcome struct {
	again   []string // to be tried again
	refused []string // for good: their messages are ours no longer, and come again
	err     error    // one of those that have led to again
}

// send makes requests that name ids. None waits for another that fails.
func send(ctx context.Context, ids []string, request func(ctx context.Context, ids []string) error) (all outcome) {
	ctx, cancel := context.WithTimeout(ctx, roundTimeout)
	defer cancel()
	var lock sync.Mutex
	var group errgroup.Group
	group.SetLimit(parallelRequests)
	for some := range requests(ids) {
		group.Go(func() error {
			out := sendOne(ctx, some, request)
			lock.Lock()
			defer lock.Unlock()
			all.add(out)
			return nil
		})
	}
	group.Wait()
	return all
}

func (o *outcome) add(other outcome) {
	o.again, o.refused = append(o.again, other.again...), append(o.refused, other.refused...)
	if other.err != nil {
		o.err = other.err
	}
}

// sendOne makes a request. Where an id in it can't be read, it looks for that.
func sendOne(ctx context.Context, ids []string, request func(ctx context.Context, ids []string) error) (out outcome) {
	limited, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err := request(limited, ids)
	n := len(ids) / 2
	switch told := toldOf(err); {
	case err == nil:
	case len(told) == 0 && status.Code(err) == codes.InvalidArgument && n > 0:
		out.add(sendOne(ctx, ids[:n:n], request))
		out.add(sendOne(ctx, ids[n:], request))
	case len(told) == 0 && status.Code(err) == codes.InvalidArgument:
		out.refused = ids
	default:
		for _, id := range ids {
			if strings.HasPrefix(told[id], "PERMANENT_") {
				out.refused = append(out.refused, id)
			} else { // TRANSIENT_…, or nothing is said of it
				out.again, out.err = append(out.again, id), err
			}
		}
	}
	return out
}

// toldOf returns what an error says of each id: subscriptions with exactly-once
// delivery tell.
func toldOf(err error) map[string]string {
	if a, ok := apierror.FromError(err); ok {
		return a.Metadata()
	}
	return nil
}

// requests divides ids among requests.
func requests(ids []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for len(ids) > 0 {
			n, size := 0, 0
			for n < len(ids) && n < maxIDs && (n == 0 || size+len(ids[n]) <= maxBytes) {
				size += len(ids[n])
				n++
			}
			if !yield(ids[:n:n]) {
				return
			}
			ids = ids[n:]
		}
	}
}
