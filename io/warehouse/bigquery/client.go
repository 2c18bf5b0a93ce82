package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"adtoorder/io/progress"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"google.golang.org/api/option"
	transport "google.golang.org/api/transport/http"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// findingCredentials is what fails where there are none.
const findingCredentials = "finding credentials"

// clients are what a process has open of a dataset.
type clients struct {
	rest    *bigquery.Client
	writers map[string]*writer // by table
}

var (
	opened     = map[Warehouse]*clients{}
	openedLock sync.Mutex
)

// connect returns this process's clients, which are made at the first call.
func (b Warehouse) connect(ctx context.Context) (*clients, error) {
	openedLock.Lock()
	defer openedLock.Unlock()
	if c := opened[b]; c != nil {
		return c, nil
	}
	ctx = context.WithoutCancel(ctx) // the clients outlive a bundle
	rest, err := b.Client(ctx)
	if err != nil {
		return nil, b.explain(findingCredentials, err)
	}
	opened[b] = &clients{rest, map[string]*writer{}}
	return opened[b], nil
}

// writeClient returns a client of the Storage Write API, which lives as long as the
// context.
func (b Warehouse) writeClient(ctx context.Context) (*managedwriter.Client, error) {
	options := []option.ClientOption{}
	if b.GRPCEndpoint != "" {
		options = append(options, option.WithEndpoint(b.GRPCEndpoint), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	}
	return managedwriter.NewClient(ctx, b.Project, options...)
}

// Client returns a client of the REST interface, whose failed requests are told of:
// it tries most of them again by itself. The caller closes it.
func (b Warehouse) Client(ctx context.Context) (*bigquery.Client, error) {
	options := []option.ClientOption{option.WithScopes(bigquery.Scope)}
	var endpoint []option.ClientOption
	if b.Endpoint != "" {
		options = []option.ClientOption{option.WithoutAuthentication()}
		endpoint = []option.ClientOption{option.WithEndpoint(b.Endpoint)}
	}
	logging, err := transport.NewTransport(ctx, loggingTransport{}, options...)
	if err != nil {
		return nil, err
	}
	client := option.WithHTTPClient(&http.Client{Transport: logging})
	return bigquery.NewClient(ctx, b.Project, append(endpoint, client)...)
}

// loggingTransport tells of requests that fail for a while.
type loggingTransport struct{}

// RoundTrip implements http.RoundTripper.
func (loggingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	switch {
	case err != nil:
		progress.Problem(r.Context(), fmt.Sprintf("BigQuery does not answer %s %s, trying again: %v",
			r.Method, r.URL.Path, err))
	case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500:
		progress.Problem(r.Context(), fmt.Sprintf("BigQuery answers %s %s with %s, trying again",
			r.Method, r.URL.Path, answer.Status))
	}
	return answer, err
}

// Lag implements warehouse.Warehouse.
func (Warehouse) Lag() time.Duration { return retryTimeout + answerTimeout }

// Close implements warehouse.Warehouse.
func (b Warehouse) Close() error {
	openedLock.Lock()
	defer openedLock.Unlock()
	c := opened[b]
	if c == nil {
		return nil
	}
	delete(opened, b)
	for _, w := range c.writers {
		w.close()
	}
	return c.rest.Close()
}
