package warehouse

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"adtoorder/io/endpoint"
)

// BigQuery is a dataset. Credentials are the environment's default ones.
type BigQuery struct {
	Project, Dataset string
	Location         string // where the dataset is made if it is not there; "" for nowhere
	// Endpoint and GRPCEndpoint are those of a stand-in, which wants no credentials:
	// the URL of its REST interface, and the Storage Write API's HOST:PORT.
	Endpoint, GRPCEndpoint string
}

const (
	bigQueryScheme = "bigquery://"
	// BigQueryUsage tells what a dataset's URI looks like.
	BigQueryUsage = "want bigquery://PROJECT/DATASET[?location=EU]"
)

var (
	projectName  = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	datasetName  = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	locationName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	hostAndPort  = regexp.MustCompile(`^[^:/@\s]+:[0-9]+$`)
)

// ParseBigQuery reads a dataset's URI. Nothing is opened yet.
func ParseBigQuery(uri string) (b BigQuery, err error) {
	u, err := url.Parse(uri)
	if err != nil {
		return b, errors.New(BigQueryUsage) // the error would repeat the URI, and what it may hold
	}
	b.Project, b.Dataset = u.Host, strings.TrimPrefix(u.Path, "/")
	switch {
	case u.User != nil:
		return b, errors.New("a URI must not hold credentials: BigQuery finds them in the environment; " + BigQueryUsage)
	case !strings.HasPrefix(uri, bigQueryScheme) || u.Fragment != "" || !projectName.MatchString(b.Project) || !datasetName.MatchString(b.Dataset):
		return b, errors.New(BigQueryUsage)
	}
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return b, errors.New("the parameters can't be read; " + BigQueryUsage)
	}
	for name, values := range parameters {
		value := values[0]
		switch {
		case len(values) > 1:
			return b, fmt.Errorf("parameter %s is given %d times; %s", name, len(values), BigQueryUsage)
		case name == "location" && locationName.MatchString(value):
			b.Location = value
		case name == "endpoint" && endpoint.IsURL(value):
			b.Endpoint = value
		case name == "grpc_endpoint" && hostAndPort.MatchString(value):
			b.GRPCEndpoint = value
		case name == "location" || name == "endpoint" || name == "grpc_endpoint":
			return b, fmt.Errorf("parameter %s is not valid; %s", name, BigQueryUsage)
		default:
			return b, fmt.Errorf("parameter %s is not known; %s", name, BigQueryUsage)
		}
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

// ID names the dataset as BigQuery does: PROJECT.DATASET.
func (b BigQuery) ID() string { return b.Project + "." + b.Dataset }

// Name is a table's or view's name in SQL.
func (b BigQuery) Name(of string) string { return "`" + b.ID() + "." + of + "`" }
