// Package kinesis reads and writes Kinesis streams, natively (aws-sdk-go-v2). As an
// unbounded source it opens by kinesis://; its partitions are shards, a position is a
// sequence number, and the broker time a record's arrival. Records that a producer has
// packed into one (the KPL's aggregation) are taken apart, and what CloudWatch Logs has
// wrapped. Its writer is used by the generator.
package kinesis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/unbounded"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go/logging"
)

// Scheme starts the URIs of streams.
const Scheme = "kinesis://"

// Usage says what a URI looks like.
const Usage = "must be kinesis://STREAM?region=REGION[&endpoint=http[s]://HOST[:PORT]]"

// requestTimeout is how long a request is tried before it counts as failed. An answer
// may hold 10 MiB.
const requestTimeout = 10 * time.Second

// Source is a stream. Credentials are looked for where all of AWS's tools do:
// in the environment, in profiles, in the machine's role.
type Source struct {
	Stream   string
	Region   string // "" for that of the environment
	Endpoint string // URL, "" for that of the region
	// StartMillis is where to begin with shards that are there when the job starts,
	// as an arrival time in milliseconds since the Unix epoch; 0 for the oldest record.
	StartMillis int64
}

var (
	streamName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	regionName = regexp.MustCompile(`^[a-z0-9-]+$`)
)

// Parse reads a URI. Credentials have no place in it.
func Parse(uri string) (Source, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return Source{}, errors.New(Usage) // the error would repeat the URI, and what it may hold
	}
	switch {
	case u.User != nil:
		return Source{}, errors.New("a URI must not hold credentials: put them into the environment or a profile; " +
			Usage)
	case !strings.HasPrefix(uri, Scheme) || !streamName.MatchString(u.Host) || u.Path != "" || u.Fragment != "":
		return Source{}, errors.New(Usage)
	}
	s := Source{Stream: u.Host}
	if err := s.parameters(u.RawQuery); err != nil {
		return Source{}, fmt.Errorf("%w; %s", err, Usage)
	}
	return s, nil
}

func (s *Source) parameters(query string) error {
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the parameters can't be read")
	}
	for name, values := range parameters {
		value := values[0]
		switch {
		case len(values) > 1:
			return fmt.Errorf("parameter %s is given %d times", name, len(values))
		case name == "region" && regionName.MatchString(value):
			s.Region = value
		case name == "endpoint" && endpoint.IsURL(value):
			s.Endpoint = value
		case name == "region" || name == "endpoint":
			return fmt.Errorf("parameter %s is not valid", name)
		default:
			return fmt.Errorf("parameter %s is not known", name)
		}
	}
	if s.Region == "" && os.Getenv("AWS_REGION") == "" && os.Getenv("AWS_DEFAULT_REGION") == "" {
		return errors.New("give region=, or set AWS_REGION")
	}
	return nil
}

// legible puts back what may stand in a query as it is.
var legible = strings.NewReplacer("%3A", ":", "%2F", "/")

// String returns the URI of the stream.
func (s Source) String() string {
	var parameters []string
	if s.Region != "" {
		parameters = append(parameters, "region="+s.Region)
	}
	if s.Endpoint != "" {
		parameters = append(parameters, "endpoint="+legible.Replace(url.QueryEscape(s.Endpoint)))
	}
	if len(parameters) == 0 {
		return Scheme + s.Stream
	}
	return Scheme + s.Stream + "?" + strings.Join(parameters, "&")
}

// URI implements unbounded.Source. It names the region, since the environment of a
// worker may name another one, or none.
func (s Source) URI() string {
	s.Region = cmp.Or(s.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	return s.String()
}

// From implements unbounded.Source.
func (s Source) From(startMillis int64) unbounded.Source {
	s.StartMillis = startMillis
	return s
}

// Partitioned implements unbounded.Source: a stream has shards.
func (s Source) Partitioned() bool { return true }

// Needs implements unbounded.Source.
func (s Source) Needs() unbounded.Needs {
	return unbounded.Needs{Environment: unbounded.AWSCredentials}
}

// open opens a client of AWS. It keeps the SDK's own HTTP client: with another
// one, the configuration fails where AWS_CA_BUNDLE is set.
func (s Source) open(ctx context.Context, options ...func(*kinesis.Options)) (*kinesis.Client, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region),
		config.WithLogger(logging.Nop{})) // its errors say enough
	if err != nil {
		return nil, fmt.Errorf("configuring the AWS client of %v: %w", s, err)
	}
	if s.Endpoint != "" {
		loaded.BaseEndpoint = &s.Endpoint
	}
	return kinesis.NewFromConfig(loaded, options...), nil
}
