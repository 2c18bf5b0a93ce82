// Package bigquery keeps a warehouse in a BigQuery dataset. Its tables are appended to,
// and hold every version of a row: who reads them merges (see Warehouse.Dialect), as the
// views do. Compact folds the versions of closed days.
package bigquery

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"adtoorder/io/endpoint"
	"adtoorder/io/warehouse"
)

// Warehouse is a dataset. Credentials are the environment's default ones.
type Warehouse struct {
	Project, Dataset string
	Location         string // where the dataset is made if it is not there; "" for nowhere
	// Endpoint and GRPCEndpoint are those of a stand-in, which wants no credentials:
	// the URL of its REST interface, and the Storage Write API's HOST:PORT.
	Endpoint, GRPCEndpoint string
}

const (
	scheme = "bigquery"
	// usage tells what a dataset's URI looks like.
	usage = "must be bigquery://PROJECT/DATASET[?location=EU]"
)

func init() {
	warehouse.RegisterBackend(warehouse.Backend{Scheme: scheme, Usage: "bigquery://PROJECT/DATASET", Open: open})
}

func open(uri string) (warehouse.Warehouse, error) {
	b, err := Parse(uri)
	switch {
	case err != nil:
		return nil, err
	case (b.Endpoint == "") != (b.GRPCEndpoint == ""):
		return nil, errors.New("endpoint and grpc_endpoint, of a stand-in, are given together or not at all")
	}
	return b, nil
}

var (
	projectName  = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	datasetName  = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	locationName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	hostAndPort  = regexp.MustCompile(`^[^:/@\s]+:[0-9]+$`)
)

// Parse reads a dataset's URI. Nothing is opened yet.
func Parse(uri string) (b Warehouse, err error) {
	u, err := url.Parse(uri)
	if err != nil {
		return b, errors.New(usage) // the error would repeat the URI, and what it may hold
	}
	b.Project, b.Dataset = u.Host, strings.TrimPrefix(u.Path, "/")
	switch {
	case u.User != nil:
		return b, errors.New("a URI must not hold credentials: BigQuery finds them in the environment; " + usage)
	case !strings.HasPrefix(uri, scheme+"://") || u.Fragment != "" ||
		!projectName.MatchString(b.Project) || !datasetName.MatchString(b.Dataset):
		return b, errors.New(usage)
	}
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return b, errors.New("the parameters can't be read; " + usage)
	}
	for name, values := range parameters {
		value := values[0]
		switch {
		case len(values) > 1:
			return b, fmt.Errorf("parameter %s is given %d times; %s", name, len(values), usage)
		case name == "location" && locationName.MatchString(value):
			b.Location = value
		case name == "endpoint" && endpoint.IsURL(value):
			b.Endpoint = value
		case name == "grpc_endpoint" && hostAndPort.MatchString(value):
			b.GRPCEndpoint = value
		case name == "location" || name == "endpoint" || name == "grpc_endpoint":
			return b, fmt.Errorf("parameter %s is not valid; %s", name, usage)
		default:
			return b, fmt.Errorf("parameter %s is not known; %s", name, usage)
		}
	}
	return b, nil
}

// String implements warehouse.Warehouse.
func (b Warehouse) String() string {
	options := url.Values{}
	for name, value := range map[string]string{
		"location": b.Location, "endpoint": b.Endpoint, "grpc_endpoint": b.GRPCEndpoint,
	} {
		if value != "" {
			options.Set(name, value)
		}
	}
	u := url.URL{Scheme: scheme, Host: b.Project, Path: "/" + b.Dataset, RawQuery: options.Encode()}
	return u.String()
}

// ID names the dataset as BigQuery does: PROJECT.DATASET.
func (b Warehouse) ID() string { return b.Project + "." + b.Dataset }

// File implements warehouse.Warehouse.
func (b Warehouse) File() string { return "" }
