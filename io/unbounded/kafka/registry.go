package kafka

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"adtoorder/io/format/avro"
	"adtoorder/io/progress"
	"adtoorder/io/record"

	"github.com/twmb/franz-go/pkg/sr" // of the client's author, who keeps both
)

// Reasons why a message with a schema's number can't be read; record.Record.Damage.
const (
	needsRegistry     = "needs_schema_registry"
	unknownSchema     = "unknown_schema"     // the registry has none of its number
	unsupportedSchema = "unsupported_schema" // that is none of Avro or JSON, or can't be read
)

// registryEnvironment are the variables of the environment that hold credentials.
const registryEnvironment = "SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD, or SCHEMA_REGISTRY_TOKEN"

// framed is how many bytes stand before a message's data: 0, and the number of its
// schema, big endian, as Confluent's serializers have it.
const framed = 5

func isFramed(message []byte) bool { return len(message) >= framed && message[0] == 0 }

// registry has the schemas of messages.
type registry struct {
	api     *sr.Client
	schemas map[int]schema // by number: those that were asked for
}

// schema is how messages of a number are read.
type schema struct {
	avro   avro.Schema
	isJSON bool
	damage string    // why they can't be, "" if they can
	until  time.Time // when it is asked for again, since the registry lacked something; zero for never
}

// lackTime is for how long a registry is taken to have no schema that it did not have: it
// may get that after the messages, as one that follows another does.
const lackTime = time.Minute

// lacking is a schema that the registry lacks, or some of it.
func lacking(damage string) schema { return schema{damage: damage, until: time.Now().Add(lackTime)} }

// isLack reports whether an error is that the registry has not what it was asked for.
func isLack(err error) bool {
	var answer *sr.ResponseError
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// openRegistry returns the registry of a URL, nil for "". Nothing is asked yet.
func openRegistry(url string) (*registry, error) {
	if url == "" {
		return nil, nil
	}
	options := []sr.ClientOpt{sr.URLs(url), sr.UserAgent("adtoorder"),
		sr.HTTPClient(&http.Client{Timeout: requestTimeout})}
	if token := os.Getenv("SCHEMA_REGISTRY_TOKEN"); token != "" {
		options = append(options, sr.BearerToken(token))
	} else if user := os.Getenv("SCHEMA_REGISTRY_USER"); user != "" {
		options = append(options, sr.BasicAuth(user, os.Getenv("SCHEMA_REGISTRY_PASSWORD")))
	}
	api, err := sr.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("opening a client of the schema registry %s: %w", url, err)
	}
	return &registry{api: api, schemas: map[int]schema{}}, nil
}

// checkRegistry reports in one line why a registry can't be asked, if it can't.
func checkRegistry(ctx context.Context, url string) error {
	r, err := openRegistry(url)
	if err != nil {
		return err
	}
	_, err = r.api.SupportedTypes(ctx)
	var answer *sr.ResponseError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &answer):
		return fmt.Errorf("the schema registry %s does not answer: %w", url, err)
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		return fmt.Errorf("the schema registry %s wants other credentials: are %s right?", url, registryEnvironment)
	case isLack(err):
		return fmt.Errorf("the schema registry %s has nothing at /schemas/types: is its path right (Apicurio's is "+
			"/apis/ccompat/v7), and does it speak Confluent's API, of 5.5 or later?", url)
	}
	return nil // it is one of those that can't say which types they take
}

// told are the topics of which was told that their messages need a registry.
var told sync.Map

// decode has a message's payload be JSON, or its Damage say why it can't be. An error is
// one that may pass.
func (r *registry) decode(ctx context.Context, m *record.Record) error {
	if r == nil {
		topic := m.Source[:strings.LastIndexByte(m.Source, '/')]
		if _, already := told.LoadOrStore(topic, true); !already {
			progress.Problem(ctx, topic+" has messages with a schema's number before them (Confluent's framing): "+
				"give schema_registry=URL in the source's URI to have them read")
		}
		m.Damage = needsRegistry
		return nil
	}
	id, data, err := new(sr.ConfluentHeader).DecodeID(m.Payload)
	if err != nil {
		m.Damage = unknownSchema
		return nil
	}
	s, known := r.schemas[id]
	if !known || !s.until.IsZero() && time.Now().After(s.until) {
		if s, err = r.ask(ctx, id); err != nil {
			return fmt.Errorf("asking the schema registry for schema %d: %w", id, err)
		}
		r.schemas[id] = s
	}
	switch {
	case s.damage != "":
		m.Damage = s.damage
	case s.isJSON:
		m.Payload = data
	default:
		text, err := s.avro.Append(nil, data)
		if err != nil {
			m.Damage = avro.Damage
			return nil
		}
		m.Payload = text
	}
	return nil
}

// ask asks for a schema. Its error is one that may pass.
func (r *registry) ask(ctx context.Context, id int) (schema, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	found, err := r.api.SchemaByID(ctx, id)
	switch {
	case isLack(err):
		progress.Problem(ctx, fmt.Sprintf("the schema registry knows no schema %d", id))
		return lacking(unknownSchema), nil
	case err != nil:
		return schema{}, err
	case found.Type == sr.TypeJSON:
		return schema{isJSON: true}, nil
	case found.Type != sr.TypeAvro:
		progress.Problem(ctx, fmt.Sprintf("schema %d is of type %s: messages are read by those of Avro and JSON", id,
			found.Type))
		return schema{damage: unsupportedSchema}, nil
	}
	others, err := r.references(ctx, found, map[sr.SchemaReference]bool{})
	if isLack(err) {
		progress.Problem(ctx, fmt.Sprintf("schema %d can't be read, since the registry lacks one that it uses: %v", id,
			err))
		return lacking(unsupportedSchema), nil
	}
	if err != nil {
		return schema{}, err
	}
	parsed, err := avro.Parse(found.Schema, others...)
	if err != nil {
		progress.Problem(ctx, fmt.Sprintf("schema %d can't be read: %v", id, err))
		return schema{damage: unsupportedSchema}, nil
	}
	return schema{avro: parsed}, nil
}

// references returns the schemas that a schema uses, those that they use first.
func (r *registry) references(ctx context.Context, s sr.Schema, seen map[sr.SchemaReference]bool) (
	all []string, err error) {
	for _, one := range s.References {
		place := sr.SchemaReference{Subject: one.Subject, Version: one.Version}
		if seen[place] {
			continue
		}
		seen[place] = true
		found, err := r.api.SchemaByVersion(ctx, one.Subject, one.Version)
		if err != nil {
			return nil, fmt.Errorf("%s, version %d: %w", one.Subject, one.Version, err)
		}
		inner, err := r.references(ctx, found.Schema, seen)
		if err != nil {
			return nil, err
		}
		all = append(append(all, inner...), found.Schema.Schema)
	}
	return all, nil
}
