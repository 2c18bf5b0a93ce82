package main

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// datasetUsage tells what a dataset's URI looks like.
const datasetUsage = "want bigquery://PROJECT/DATASET[?location=EU]"

var (
	projectName  = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	datasetName  = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	locationName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

// dataset is where BigQuery keeps tables.
type dataset struct {
	project, name string
	location      string // "" where it is there already
	endpoint      string // URL of a stand-in that wants no credentials, "" for Google's
}

// String names the dataset as BigQuery does.
func (d dataset) String() string { return d.project + "." + d.name }

// parseDataset reads a URI. It has the parameters that a warehouse's has;
// grpc_endpoint is for writing rows, which is not done here.
func parseDataset(uri string) (d dataset, err error) {
	u, err := url.Parse(uri)
	if err != nil {
		return d, errors.New(datasetUsage) // the error would repeat the URI, and what it may hold
	}
	d.project, d.name = u.Host, strings.TrimPrefix(u.Path, "/")
	switch {
	case u.User != nil:
		return d, errors.New("a URI must not hold credentials: BigQuery finds them in the environment; " + datasetUsage)
	case u.Scheme != "bigquery" || u.Fragment != "" || !projectName.MatchString(d.project) || !datasetName.MatchString(d.name):
		return d, errors.New(datasetUsage)
	}
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return d, errors.New("the parameters can't be read; " + datasetUsage)
	}
	for name, values := range parameters {
		value := values[0]
		switch {
		case len(values) > 1:
			return d, fmt.Errorf("parameter %s is given %d times; %s", name, len(values), datasetUsage)
		case name == "location" && locationName.MatchString(value):
			d.location = value
		case name == "endpoint" && isEndpoint(value):
			d.endpoint = value
		case name == "grpc_endpoint":
		case name == "location" || name == "endpoint":
			return d, fmt.Errorf("parameter %s is not valid; %s", name, datasetUsage)
		default:
			return d, fmt.Errorf("parameter %s is not known; %s", name, datasetUsage)
		}
	}
	return d, nil
}

func isEndpoint(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == ""
}
