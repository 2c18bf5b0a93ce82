package warehouseio

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"sync"

	"adtoorder/io/progress"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"google.golang.org/api/option"
	transport "google.golang.org/api/transport/http"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// BigQuery is a dataset. Credentials are the environment's default ones.
type BigQuery struct {
	Project, Dataset string
	Location         string // where the dataset is made if it is not there; "" for nowhere
	// Endpoint and GRPCEndpoint are those of a stand-in, which wants no credentials:
	// http://HOST:PORT, and the Storage Write API's HOST:PORT.
	Endpoint, GRPCEndpoint string
}

const (
	bigQueryScheme = "bigquery://"
	connecting     = "finding credentials"
)

var (
	projectID = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	datasetID = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

func parseBigQuery(uri string) (b BigQuery, err error) {
	const want = "want bigquery://PROJECT/DATASET, with ?location=LOCATION, such as EU or us-central1, where the dataset is not there yet"
	u, err := url.Parse(uri)
	if err != nil || u.User != nil || len(u.Path) < 2 || !projectID.MatchString(u.Host) || !datasetID.MatchString(u.Path[1:]) {
		return b, fmt.Errorf("%s", want)
	}
	b = BigQuery{Project: u.Host, Dataset: u.Path[1:]}
	for name, values := range u.Query() {
		to, ok := map[string]*string{"location": &b.Location, "endpoint": &b.Endpoint, "grpc_endpoint": &b.GRPCEndpoint}[name]
		if !ok || len(values) != 1 || values[0] == "" {
			return b, fmt.Errorf("%q can't be used; %s", name, want)
		}
		*to = values[0]
	}
	if (b.Endpoint == "") != (b.GRPCEndpoint == "") {
		return b, fmt.Errorf("endpoint and grpc_endpoint, of a stand-in, are given together or not at all")
	}
	return b, nil
}

// String implements Warehouse.
func (b BigQuery) String() string {
	options := url.Values{}
	for name, value := range map[string]string{"location": b.Location, "endpoint": b.Endpoint, "grpc_endpoint": b.GRPCEndpoint} {
		if value != "" {
			options.Set(name, value)
		}
	}
	u := url.URL{Scheme: "bigquery", Host: b.Project, Path: "/" + b.Dataset, RawQuery: options.Encode()}
	return u.String()
}

// clients are what a process has open of a dataset.
type clients struct {
	rest    *bigquery.Client
	writer  *managedwriter.Client
	streams map[string]*managedwriter.ManagedStream // by table
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
	rest, err := b.newREST(ctx)
	if err != nil {
		return nil, b.explain(connecting, err)
	}
	options := []option.ClientOption{}
	if b.GRPCEndpoint != "" {
		options = append(options, option.WithEndpoint(b.GRPCEndpoint), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	}
	writer, err := managedwriter.NewClient(ctx, b.Project, options...)
	if err != nil {
		rest.Close()
		return nil, b.explain(connecting, err)
	}
	open[b] = &clients{rest, writer, map[string]*managedwriter.ManagedStream{}}
	return open[b], nil
}

// newREST returns a client whose failed requests are told of: it tries most of
// them again by itself.
func (b BigQuery) newREST(ctx context.Context) (*bigquery.Client, error) {
	options := []option.ClientOption{option.WithScopes(bigquery.Scope)}
	var endpoint []option.ClientOption
	if b.Endpoint != "" {
		options = []option.ClientOption{option.WithoutAuthentication()}
		endpoint = []option.ClientOption{option.WithEndpoint(b.Endpoint + "/bigquery/v2/")}
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

// Close implements Warehouse.
func (b BigQuery) Close() error {
	openLock.Lock()
	defer openLock.Unlock()
	c := open[b]
	if c == nil {
		return nil
	}
	delete(open, b)
	for _, s := range c.streams {
		s.Close() // its error is io.EOF
	}
	err := c.writer.Close()
	if failed := c.rest.Close(); err == nil {
		err = failed
	}
	return err
}
