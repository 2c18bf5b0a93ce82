package kafka

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adtoorder/io/progress"
	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	lineSchema  = `{"type":"record","name":"Line","fields":[{"name":"Quantity","type":"int"}]}`
	orderSchema = `{"type":"record","name":"Order","fields":[{"name":"OrderId","type":"string"},
		{"name":"Lines","type":{"type":"array","items":"Line"}}]}`
)

// fakeRegistry answers as Confluent's does.
type fakeRegistry struct {
	*httptest.Server
	asked, failing atomic.Int64 // requests for schemas, and how many of the next ones fail
	lacks          sync.Map     // paths at which nothing is for now
}

func serveRegistry(t *testing.T, user, password string) *fakeRegistry {
	t.Helper()
	f := &fakeRegistry{}
	answers := map[string]any{
		"/schemas/ids/1": map[string]any{"schema": lineSchema},
		"/schemas/ids/2": map[string]any{"schema": orderSchema, "schemaType": "AVRO",
			"references": []any{map[string]any{"name": "Line", "subject": "line", "version": 3}}},
		"/subjects/line/versions/3": map[string]any{"subject": "line", "version": 3, "id": 1, "schema": lineSchema},
		"/schemas/ids/7":            map[string]any{"schema": "{}", "schemaType": "JSON"},
		"/schemas/ids/8":            map[string]any{"schema": "message M {}", "schemaType": "PROTOBUF"},
		"/schemas/types":            []string{"AVRO", "JSON"},
	}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, p, _ := r.BasicAuth()
		answer, known := answers[r.URL.Path]
		_, lacks := f.lacks.Load(r.URL.Path)
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		if strings.HasPrefix(r.URL.Path, "/schemas/ids/") {
			f.asked.Add(1)
		}
		switch {
		case u != user || p != password:
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error_code":401,"message":"who?"}`)
		case f.failing.Add(-1) >= 0:
			w.WriteHeader(http.StatusInternalServerError)
		case !known || lacks:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error_code":40403,"message":"Schema not found"}`)
		default:
			json.NewEncoder(w).Encode(answer)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

// withSchema puts a schema's number before a message.
func withSchema(id uint32, data []byte) *kgo.Record {
	return &kgo.Record{Value: append(binary.BigEndian.AppendUint32([]byte{0}, id), data...)}
}

// order returns an order in Avro.
func order(t *testing.T) []byte {
	t.Helper()
	var types avro.SchemaCache
	_, err := types.Parse(lineSchema)
	require.NoError(t, err)
	s, err := types.Parse(orderSchema)
	require.NoError(t, err)
	data, err := s.Encode(map[string]any{"OrderId": "O1", "Lines": []any{map[string]any{"Quantity": 2}}})
	require.NoError(t, err)
	return data
}

func read(r *reader) (got []string) {
	for _, one := range r.got["0"] {
		if one.Damage != "" {
			got = append(got, one.Position()+": "+one.Damage)
		} else {
			got = append(got, one.Position()+": "+string(one.Payload))
		}
	}
	return got
}

func TestMessagesAreReadByTheirSchemas(t *testing.T) {
	t.Setenv("SCHEMA_REGISTRY_USER", "me")
	t.Setenv("SCHEMA_REGISTRY_PASSWORD", "secret")
	f := serveRegistry(t, "me", "secret")
	_, s := inProcess(t, 1)
	s.Registry = f.URL
	require.NoError(t, s.Check(t.Context()))
	data := order(t)
	produce(t, s, withSchema(2, data), withSchema(2, data), withSchema(7, []byte(`[{"a":1},{"b":2}]`)),
		withSchema(8, []byte("x")), withSchema(9, data), withSchema(2, data[:3]), &kgo.Record{Value: []byte(`{"c":3}`)},
		withSchema(9, data))
	r := open(t, s)
	r.drain()
	want := `{"Lines":[{"Quantity":2}],"OrderId":"O1"}`
	assert.Equal(t, []string{"0: " + want, "1: " + want, `2: {"a":1}`, `2/2: {"b":2}`, "3: unsupported_schema",
		"4: unknown_schema", "5: corrupt_avro", `6: {"c":3}`, "7: unknown_schema"}, read(r))
	assert.EqualValues(t, 4, f.asked.Load(), "each schema is asked for once")
}

// A registry that fails holds messages up, and loses none.
func TestARegistryThatFails(t *testing.T) {
	f := serveRegistry(t, "", "")
	_, s := inProcess(t, 1)
	s.Registry = f.URL
	f.failing.Store(20)
	produce(t, s, &kgo.Record{Value: []byte(`{"c":3}`)}, withSchema(7, []byte(`{"a":1}`)))
	r := open(t, s)
	failed := r.despite(func() bool { return len(r.got["0"]) == 2 })
	assert.ErrorContains(t, failed, "asking the schema registry for schema 7")
	assert.Equal(t, []string{`0: {"c":3}`, `1: {"a":1}`}, read(r))
}

// What a registry lacks, a schema or one that it uses, costs messages, and is asked for again.
func TestASchemaThatComesLater(t *testing.T) {
	for path, damage := range map[string]string{"/schemas/ids/2": unknownSchema,
		"/subjects/line/versions/3": unsupportedSchema} {
		t.Run(damage, func(t *testing.T) {
			f := serveRegistry(t, "", "")
			f.lacks.Store(path, true)
			r, err := openRegistry(f.URL)
			require.NoError(t, err)
			read := func() record.Record {
				m := record.Record{Payload: withSchema(2, order(t)).Value}
				require.NoError(t, r.decode(t.Context(), &m))
				return m
			}
			assert.Equal(t, damage, read().Damage)
			f.lacks.Clear()
			assert.Equal(t, damage, read().Damage)
			assert.EqualValues(t, 1, f.asked.Load(), "it is not asked for with each message")
			s := r.schemas[2]
			assert.WithinDuration(t, time.Now().Add(lackTime), s.until, lackTime/2)
			s.until = time.Now().Add(-1)
			r.schemas[2] = s
			for range 2 {
				assert.Equal(t, `{"Lines":[{"Quantity":2}],"OrderId":"O1"}`, string(read().Payload))
			}
			assert.EqualValues(t, 2, f.asked.Load())
		})
	}
}

func TestMessagesThatNeedARegistry(t *testing.T) {
	var problems []string
	progress.OnProblem(func(text string) { problems = append(problems, text) })
	defer progress.OnProblem(func(string) {})
	told.Clear()
	_, s := inProcess(t, 1)
	produce(t, s, withSchema(2, order(t)), withSchema(7, []byte(`{"a":1}`)))
	r := open(t, s)
	r.drain()
	assert.Equal(t, []string{"0: needs_schema_registry", "1: needs_schema_registry"}, read(r))
	require.Len(t, problems, 1, "it is told once")
	assert.Contains(t, problems[0], "give schema_registry=URL")
}

func TestCheckOfARegistry(t *testing.T) {
	f := serveRegistry(t, "me", "secret")
	_, s := inProcess(t, 1)
	s.Registry = f.URL
	assert.ErrorContains(t, s.Check(t.Context()), "wants other credentials: are "+registryEnvironment+" right?")
	t.Setenv("SCHEMA_REGISTRY_USER", "me")
	t.Setenv("SCHEMA_REGISTRY_PASSWORD", "secret")
	require.NoError(t, s.Check(t.Context()))
	s.Registry = f.URL + "/api"
	assert.ErrorContains(t, s.Check(t.Context()), s.Registry+" has nothing at /schemas/types: is its path right")
	f.Close()
	assert.ErrorContains(t, s.Check(t.Context()), "does not answer")
}
