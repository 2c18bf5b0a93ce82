package kafka

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// secret must not show up anywhere.
const secret = "pa55word"

func TestParse(t *testing.T) {
	t.Setenv("KAFKA_PASSWORD", secret)
	t.Setenv("OTHER", secret)
	for uri, want := range map[string]Source{
		"kafka://host:9092/clicks":  {Brokers: "host:9092", Topic: "clicks"},
		"kafka://host:9092/clicks/": {Brokers: "host:9092", Topic: "clicks"},
		"kafka://a:9092,b.example.com:9093,c:1/my.to_pic-1": {Brokers: "a:9092,b.example.com:9093,c:1",
			Topic: "my.to_pic-1"},
		"kafka://[::1]:9092/clicks":            {Brokers: "[::1]:9092", Topic: "clicks"},
		"kafka://[::1]:9092,[::2]:9093/clicks": {Brokers: "[::1]:9092,[::2]:9093", Topic: "clicks"},
		"kafka://h:1/t?schema_registry=https%3A%2F%2Fr%3A8081%2Fx": {Brokers: "h:1", Topic: "t",
			Registry: "https://r:8081/x"},
		"kafka://h:1/t?schema_registry=http://r":   {Brokers: "h:1", Topic: "t", Registry: "http://r"},
		"kafka://h:1/t?tls=true":                   {Brokers: "h:1", Topic: "t", TLS: true},
		"kafka://h:1/t?tls=false":                  {Brokers: "h:1", Topic: "t"},
		"kafka://h:1/t?ca=/etc/ca.pem":             {Brokers: "h:1", Topic: "t", TLS: true, CA: "/etc/ca.pem"},
		"kafka://h:1/t?ca=/etc/ca.pem&tls=true":    {Brokers: "h:1", Topic: "t", TLS: true, CA: "/etc/ca.pem"},
		"kafka://h:1/t?sasl=plain&user=me":         {Brokers: "h:1", Topic: "t", SASL: "plain", User: "me"},
		"kafka://h:1/t?sasl=scram-sha-256&user=me": {Brokers: "h:1", Topic: "t", SASL: "scram-sha-256", User: "me"},
		"kafka://h:1/t?sasl=scram-sha-512&user=m%20e&password_env=OTHER&tls=true": {Brokers: "h:1", Topic: "t",
			TLS: true, SASL: "scram-sha-512", User: "m e", PasswordFrom: "OTHER"},
	} {
		t.Run(uri, func(t *testing.T) {
			if want.PasswordFrom == "" {
				want.PasswordFrom = "KAFKA_PASSWORD"
			}
			got, err := Parse(uri)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			assert.Equal(t, Scheme+want.Brokers+"/"+want.Topic, got.String())
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Setenv("KAFKA_PASSWORD", secret)
	for uri, want := range map[string]string{
		"":                                     Usage,
		"kafka:":                               Usage,
		"kafka://":                             Usage,
		"kafka://host:9092":                    Usage,
		"kafka://host:9092/":                   Usage,
		"kafka:///clicks":                      Usage,
		"kafka://host:9092/a/b":                Usage,
		"kinesis://host:9092/clicks":           Usage,
		"kafka://h:1/t?schema_registry=r:8081": "parameter schema_registry is no URL",
		"kafka://h:1/t?schema_registry=https://me:pa55word@r": "put credentials into SCHEMA_REGISTRY_USER",
		"kafka://host/clicks":              `broker "host" is not HOST:PORT`,
		"kafka://host:/clicks":             `broker "host:" is not HOST:PORT`,
		"kafka://:9092/clicks":             `broker ":9092" is not HOST:PORT`,
		"kafka://a:9092,b/clicks":          `broker "b" is not HOST:PORT`,
		"kafka://a:9092,/clicks":           `broker "" is not HOST:PORT`,
		"kafka://a:90x/clicks":             `broker "a:90x" is not HOST:PORT`,
		"kafka://a:65536/clicks":           `broker "a:65536" is not HOST:PORT`,
		"kafka://h:1/t?user=%zz":           Usage,
		"kafka://a:90x,b:1/clicks":         `broker "a:90x" is not HOST:PORT`,
		"kafka://h:1/t?tls=yes":            "tls=yes: must be true or false",
		"kafka://h:1/t?tls=":               "tls=: must be true or false",
		"kafka://h:1/t?tls=false&ca=f":     "ca= is given with tls=false",
		"kafka://h:1/t?tsl=true":           "parameter tsl is not known",
		"kafka://h:1/t?a;b":                Usage,
		"kafka://h:1/t#part":               Usage,
		"kafka://h:1/t?user=me":            "user= is given without sasl=",
		"kafka://h:1/t?sasl=plain":         "sasl=plain needs user=",
		"kafka://h:1/t?sasl=gssapi&user=u": "sasl=gssapi: must be plain, scram-sha-256 or scram-sha-512",
		"kafka://h:1/t?sasl=plain&user=u&password_env=NONE_SUCH": "sasl=plain needs a password in the environment " +
			"variable NONE_SUCH",
		"kafka://me:" + secret + "@h:1/t":     "must not hold a password",
		"kafka://me:" + secret + "@h:1,h:2/t": "must not hold a password",
		"kafka://h:1,me:" + secret + "@h:2/t": "must not hold a password",
		"kafka://me:" + secret + "@h/t?tls=x": "must not hold a password",
		"kafka://me:" + secret + "%zz@h:1/t":  "must not hold a password",
		"kafka://h:1/me:" + secret + "@t/t":   Usage,
		"kafka://h:1/t?password=" + secret:    "parameter password is not known",
	} {
		t.Run(uri, func(t *testing.T) {
			_, err := Parse(uri)
			require.ErrorContains(t, err, want)
			assert.NotContains(t, err.Error(), secret)
		})
	}
}
