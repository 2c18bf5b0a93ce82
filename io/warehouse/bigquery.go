package warehouse

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

// connecting is what fails where there are no credentials.
const connecting = "finding credentials"

// clients are what a process has open of a dataset.
type clients struct {
	rest    *bigquery.Client
	writers map[string]*writer // by table
}

var (
	open     = map[BigQuery]*clients{}
	openLock sync.Mutex
)

// connect returns this process's clients, which are made at the first call.
func (b BigQuery) connect(ctx context.Context) (*clients, error) {
	openLock.Lock()
	defer openLock.Unlock()
	if c := open[b]; c != nil {
		return c, nil
	}
	ctx = context.WithoutCancel(ctx) // the clients outlive a bundle
	rest, err := b.Client(ctx)
	if err != nil {
		return nil, b.explain(connecting, err)
	}
	open[b] = &clients{rest, map[string]*writer{}}
	return open[b], nil
}

// writeClient returns a client of the Storage Write API, which lives as long as the
// context.
func (b BigQuery) writeClient(ctx context.Context) (*managedwriter.Client, error) {
	options := []option.ClientOption{}
	if b.GRPCEndpoint != "" {
		options = append(options, option.WithEndpoint(b.GRPCEndpoint), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	}
	return managedwriter.NewClient(ctx, b.Project, options...)
}

// Client returns a client of the REST interface, whose failed requests are told of:
// it tries most of them again by itself. The caller closes it.
func (b BigQuery) Client(ctx context.Context) (*bigquery.Client, error) {
	options := []option.ClientOption{option.WithScopes(bigquery.Scope)}
	var endpoint []option.ClientOption
	if b.Endpoint != "" {
		options = []option.ClientOption{option.WithoutAuthentication()}
		endpoint = []option.ClientOption{option.WithEndpoint(b.Endpoint)}
	}
	told, err := transport.NewTransport(ctx, tellingTransport{}, options...)
	if err != nil {
		return nil, err
	}
	return bigquery.NewClient(ctx, b.Project, append(endpoint, option.WithHTTPClient(&http.Client{Transport: told}))...)
}

// tellingTransport tells of requests that are refused for a while.
type tellingTransport struct{}

// RoundTrip implements http.RoundTripper.
func (tellingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	switch {
	case err != nil:
		progress.Problem(r.Context(), fmt.Sprintf("BigQuery does not answer %s %s, trying again: %v", r.Method, r.URL.Path, err))
	case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500:
		progress.Problem(r.Context(), fmt.Sprintf("BigQuery answers %s %s with %s, trying again", r.Method, r.URL.Path, answer.Status))
	}
	return answer, err
}

// Lag implements Warehouse.
func (BigQuery) Lag() time.Duration { return patience + answerTime }

// Close implements Warehouse.
func (b BigQuery) Close() error {
	openLock.Lock()
	defer openLock.Unlock()
	c := open[b]
	if c == nil {
		return nil
	}
	delete(open, b)
	for _, w := range c.writers {
		w.close()
	}
	return c.rest.Close()
}
