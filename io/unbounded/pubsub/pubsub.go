// Package pubsub reads Pub/Sub subscriptions and writes topics, natively
// (cloud.google.com/go/pubsub). As an unbounded source it opens by pubsub://, with one
// partition. Ordering keys and attributes are ignored. Its writer is used by the
// generator.
//
// A subscription has no positions: it gives every message again and again until
// that is acknowledged. A message is acknowledged when the runner holds what was
// read, so a crash has it come again; so does an acknowledgement that fails or
// comes too late. Its id tells it from others then: a record without an id of
// its own is a duplicate, and counts once. What a runner holds in memory alone
// (Prism) is gone with the process, though the message is acknowledged.
//
// The broker time is the time of publishing. A subscription gives old messages
// after new ones, above all from a backlog; so the watermark stands still in a
// reader's first minute, and while it catches up follows the oldest message of
// the last one. A message that comes still later may be behind the watermark: as
// any late record it corrects its window, or is too late and a reject. An empty
// answer is no proof that a subscription is empty; so the watermark follows the
// clock only after some seconds of them, and not while it catches up.
package pubsub

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"adtoorder/io/unbounded"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Scheme starts the URIs of subscriptions and topics.
const Scheme = "pubsub://"

const (
	// Usage says what the URI of a subscription looks like.
	Usage = "must be pubsub://PROJECT/SUBSCRIPTION[?endpoint=HOST:PORT]"
	// TopicUsage says what the URI of a topic looks like.
	TopicUsage = "must be pubsub://PROJECT/TOPIC[?endpoint=HOST:PORT]"
)

// requestTimeout is how long a request is tried before it counts as failed.
const requestTimeout = 10 * time.Second

// Source is a subscription. Credentials are looked for where all of Google's
// tools do: in the environment, in gcloud's own file, in the machine's account.
type Source struct {
	Project      string
	Subscription string
	Endpoint     string // HOST:PORT of an emulator, which takes no credentials; "" for Google's
}

// Topic is what messages are written to.
type Topic struct {
	Project  string
	Topic    string
	Endpoint string // as a Source's
}

var (
	projectName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	objectName  = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9._~+-]{2,254}$`)
)

// Parse reads a subscription's URI. Credentials have no place in it.
func Parse(uri string) (Source, error) {
	project, name, endpoint, err := parse(uri)
	if err != nil {
		return Source{}, withUsage(err, Usage)
	}
	return Source{project, name, endpoint}, nil
}

// ParseTopic reads a topic's URI.
func ParseTopic(uri string) (Topic, error) {
	project, name, endpoint, err := parse(uri)
	if err != nil {
		return Topic{}, withUsage(err, TopicUsage)
	}
	return Topic{project, name, endpoint}, nil
}

// errForm says no more than how a URI looks: another error would repeat it, and
// what it may hold.
var errForm = errors.New("")

func withUsage(err error, usage string) error {
	if err == errForm {
		return errors.New(usage)
	}
	return fmt.Errorf("%w; %s", err, usage)
}

func parse(uri string) (project, name, endpoint string, err error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", "", "", errForm
	}
	name = strings.TrimPrefix(u.Path, "/")
	switch {
	case u.User != nil:
		return "", "", "", errors.New("a URI must not hold credentials: put them into the environment")
	case !strings.HasPrefix(uri, Scheme) || !projectName.MatchString(u.Host) || !objectName.MatchString(name) ||
		u.RawPath != "" || u.Fragment != "":
		return "", "", "", errForm
	}
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", "", "", errors.New("the parameters can't be read")
	}
	for parameter, values := range parameters {
		switch {
		case parameter != "endpoint":
			return "", "", "", fmt.Errorf("parameter %s is not known", parameter)
		case len(values) > 1:
			return "", "", "", fmt.Errorf("parameter %s is given %d times", parameter, len(values))
		}
		endpoint = values[0]
		if host, port, err := net.SplitHostPort(endpoint); err != nil || host == "" || port == "" ||
			strings.ContainsAny(endpoint, "/@?#") {
			return "", "", "", errors.New("parameter endpoint is not HOST:PORT")
		}
	}
	return u.Host, name, endpoint, nil
}

// String returns the URI of the subscription.
func (s Source) String() string { return format(s.Project, s.Subscription, s.Endpoint) }

// URI implements unbounded.Source.
func (s Source) URI() string { return s.String() }

// From implements unbounded.Source: a subscription begins with what is not acknowledged.
func (s Source) From(int64) unbounded.Source { return s }

// Partitioned implements unbounded.Source: a subscription has no partitions.
func (s Source) Partitioned() bool { return false }

// Needs implements unbounded.Source: Dataflow's workers have Google's credentials.
func (s Source) Needs() unbounded.Needs { return unbounded.Needs{} }

// String returns the URI of the topic.
func (t Topic) String() string { return format(t.Project, t.Topic, t.Endpoint) }

func format(project, name, endpoint string) string {
	uri := Scheme + project + "/" + name
	if endpoint != "" {
		uri += "?endpoint=" + endpoint
	}
	return uri
}

// path is the subscription's name as Google's API has it.
func (s Source) path() string { return "projects/" + s.Project + "/subscriptions/" + s.Subscription }

func (t Topic) path() string { return "projects/" + t.Project + "/topics/" + t.Topic }

// options are those of a client. Where PUBSUB_EMULATOR_HOST names an emulator, the
// client finds it by itself.
func options(endpoint string) []option.ClientOption {
	if endpoint == "" {
		return nil
	}
	return []option.ClientOption{option.WithEndpoint(endpoint), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
}

// open opens a client of the API.
func (s Source) open(ctx context.Context) (*pubsub.SubscriptionAdminClient, error) {
	api, err := pubsub.NewSubscriptionAdminClient(ctx, options(s.Endpoint)...)
	if err != nil {
		return nil, fmt.Errorf("opening a Pub/Sub client of %v: %w", s, err)
	}
	return api, nil
}
