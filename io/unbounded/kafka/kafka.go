// Package kafka reads and writes Kafka topics, natively (franz-go: the most
// complete client in pure Go). As an unbounded source it opens by kafka://; its
// partitions are the topic's, a position is an offset, and the broker time a record's
// timestamp. Its Writer is used by the generator and by replay.
package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"adtoorder/io/endpoint"
	"adtoorder/io/unbounded"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Scheme starts the URIs of topics.
const Scheme = "kafka://"

// Usage says what a URI looks like.
const Usage = "must be kafka://HOST:PORT[,HOST:PORT]/TOPIC[?tls=true][&ca=FILE][&sasl=plain|scram-sha-256|scram-sha-512&user=NAME[&password_env=VARIABLE]]" +
	"[&schema_registry=URL]"

// Source is a topic.
type Source struct {
	Brokers      string // host:port, separated by commas
	Topic        string
	TLS          bool
	CA           string // file of certificates to trust, "" for the system's
	SASL         string // mechanism, "" for none
	User         string
	PasswordFrom string // environment variable that holds the password
	Registry     string // URL of the schema registry by which messages are read, "" for none
	// StartMillis is where to begin, as a broker time in milliseconds since the
	// Unix epoch; 0 for the oldest record.
	StartMillis int64
}

// legalTopic is what Kafka takes for a topic's name.
var legalTopic = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// Parse reads a URI. Passwords have no place in it.
func Parse(uri string) (Source, error) {
	var s Source
	rest, ok := strings.CutPrefix(uri, Scheme)
	rest, query, _ := strings.Cut(rest, "?")
	brokers, topic, _ := strings.Cut(rest, "/")
	parameters, err := url.ParseQuery(query)
	s.Brokers, s.Topic = brokers, strings.TrimSuffix(topic, "/")
	switch {
	case strings.Contains(s.Brokers, "@"):
		return s, errors.New("a URI must not hold a password: give &user= and put the password into the environment; " +
			Usage)
	// the error would repeat what the URI may hold
	case !ok || err != nil || s.Brokers == "" || !legalTopic.MatchString(s.Topic):
		return s, errors.New(Usage)
	}
	for _, broker := range strings.Split(s.Brokers, ",") {
		host, port, err := net.SplitHostPort(broker)
		if _, malformed := strconv.ParseUint(port, 10, 16); err != nil || host == "" || malformed != nil {
			return s, fmt.Errorf("broker %q is not HOST:PORT; %s", broker, Usage)
		}
	}
	if err := s.set(parameters); err != nil {
		return s, err
	}
	return s, s.checkSASL()
}

func (s *Source) set(parameters url.Values) error {
	s.PasswordFrom = "KAFKA_PASSWORD"
	for name, values := range parameters {
		value := values[len(values)-1]
		switch name {
		case "tls":
			s.TLS = value == "true"
			if value != "true" && value != "false" {
				return fmt.Errorf("tls=%s: must be true or false", value)
			}
		case "ca":
			s.CA = value
		case "sasl":
			s.SASL = value
		case "user":
			s.User = value
		case "password_env":
			s.PasswordFrom = value
		case "schema_registry":
			if s.Registry = value; !endpoint.IsURL(value) {
				return errors.New("parameter schema_registry is no URL such as https://HOST:PORT; " +
					"put credentials into " + registryEnvironment)
			}
		default:
			return fmt.Errorf("parameter %s is not known; %s", name, Usage)
		}
	}
	if s.CA != "" && parameters.Has("tls") && !s.TLS {
		return errors.New("ca= is given with tls=false")
	}
	s.TLS = s.TLS || s.CA != ""
	return nil
}

func (s Source) checkSASL() error {
	switch s.SASL {
	case "":
		if s.User != "" {
			return errors.New("user= is given without sasl=; " + Usage)
		}
		return nil
	case "plain", "scram-sha-256", "scram-sha-512":
	default:
		return fmt.Errorf("sasl=%s: must be plain, scram-sha-256 or scram-sha-512", s.SASL)
	}
	if s.User == "" {
		return fmt.Errorf("sasl=%s needs user=", s.SASL)
	}
	if os.Getenv(s.PasswordFrom) == "" {
		return fmt.Errorf("sasl=%s needs a password in the environment variable %s", s.SASL, s.PasswordFrom)
	}
	return nil
}

// String names the topic.
func (s Source) String() string { return Scheme + s.Brokers + "/" + s.Topic }

// URI implements unbounded.Source.
func (s Source) URI() string {
	parameters := url.Values{}
	for name, value := range map[string]string{"ca": s.CA, "sasl": s.SASL, "user": s.User,
		"schema_registry": s.Registry} {
		if value != "" {
			parameters.Set(name, value)
		}
	}
	if s.TLS {
		parameters.Set("tls", "true")
	}
	if s.SASL != "" {
		parameters.Set("password_env", s.PasswordFrom)
	}
	if len(parameters) == 0 {
		return s.String()
	}
	return s.String() + "?" + parameters.Encode()
}

// From implements unbounded.Source.
func (s Source) From(startMillis int64) unbounded.Source {
	s.StartMillis = startMillis
	return s
}

// Partitioned implements unbounded.Source: a topic has partitions.
func (s Source) Partitioned() bool { return true }

// Needs implements unbounded.Source.
func (s Source) Needs() (n unbounded.Needs) {
	for _, broker := range strings.Split(s.Brokers, ",") {
		if host, _, err := net.SplitHostPort(broker); err == nil && isLocal(host) {
			n.Local = "its broker " + broker + " is on this machine"
		}
	}
	if u, err := url.Parse(s.Registry); err == nil && s.Registry != "" && isLocal(u.Hostname()) {
		n.Local = "its schema registry " + s.Registry + " is on this machine"
	}
	var environment []string
	if s.SASL != "" {
		environment = append(environment, "the variable "+s.PasswordFrom+" for sasl=")
	}
	if s.CA != "" {
		environment = append(environment, "for ca= a file")
	}
	if s.Registry != "" {
		environment = append(environment, "for schema_registry= what it takes of "+registryEnvironment)
	}
	n.Environment = strings.Join(environment, " and ")
	return n
}

func isLocal(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

// options are what every client of the source needs.
func (s Source) options() ([]kgo.Opt, error) {
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(s.Brokers, ",")...),
		kgo.ClientID("adtoorder"),
		kgo.DialTimeout(3 * time.Second),
		kgo.MetadataMinAge(time.Second), // new partitions are there to read a second later
	}
	if s.TLS {
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if s.CA != "" {
			certificates, err := os.ReadFile(s.CA)
			if err != nil {
				return nil, fmt.Errorf("reading the certificates of ca=: %w", err)
			}
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM(certificates) {
				return nil, fmt.Errorf("ca=%s holds no certificate in PEM", s.CA)
			}
		}
		options = append(options, kgo.DialTLSConfig(config))
	}
	password := os.Getenv(s.PasswordFrom)
	switch s.SASL {
	case "plain":
		options = append(options, kgo.SASL(plain.Auth{User: s.User, Pass: password}.AsMechanism()))
	case "scram-sha-256":
		options = append(options, kgo.SASL(scram.Auth{User: s.User, Pass: password}.AsSha256Mechanism()))
	case "scram-sha-512":
		options = append(options, kgo.SASL(scram.Auth{User: s.User, Pass: password}.AsSha512Mechanism()))
	}
	return options, nil
}

// Check reports in one line why the topic can't be read, if it can't.
func (s Source) Check(ctx context.Context) error {
	c, err := s.Connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	partitions, err := c.Partitions(ctx)
	switch {
	case err != nil:
		return s.explain(err)
	case len(partitions) == 0:
		return errors.New("the topic has no partition")
	case s.Registry != "":
		return checkRegistry(ctx, s.Registry)
	}
	return nil
}

// explain adds what most likely is wrong where a broker does not say it.
func (s Source) explain(err error) error {
	closed := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
	switch {
	case s.SASL != "" && closed:
		return fmt.Errorf("the broker closed the connection: are sasl=, user= and the password in %s right? (%w)",
			s.PasswordFrom, err)
	case s.TLS && (closed || errors.Is(err, context.DeadlineExceeded)):
		return fmt.Errorf("does the broker speak TLS at this port? (%w)", err)
	}
	return err
}
