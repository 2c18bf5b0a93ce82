package kafka

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// check returns what Check says, which must come in time and hold no secret.
func check(t *testing.T, s Source) error {
	t.Helper()
	start := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	err := s.Check(ctx)
	took := time.Since(start).Round(time.Millisecond)
	assert.Less(t, took, 9*time.Second)
	if err != nil {
		t.Logf("after %v: %v", took, err)
		assert.NotContains(t, err.Error(), secret)
	}
	return err
}

// port returns the address of a port that does something with its connections.
func port(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go do(c)
		}
	}()
	return l.Addr().String()
}

// closedPort returns the address of a port that nobody listens at.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// say has a broker refuse passwords as Kafka does; kfake closes the connection.
func say(refusing *kfake.Cluster) {
	refusing.ControlKey(int16(kmsg.SASLAuthenticate), func(request kmsg.Request) (kmsg.Response, error, bool) {
		refusing.KeepControl()
		answer := request.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		answer.ErrorCode, answer.ErrorMessage = kerr.SaslAuthenticationFailed.Code, kmsg.StringPtr("Authentication "+
			"failed: Invalid username or password")
		return answer, nil, true
	})
}

// certified returns what a broker at 127.0.0.1 serves TLS with, and the file of
// the certificate to trust.
func certified(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}

func TestCheckFindsFaults(t *testing.T) {
	t.Parallel()
	_, open := inProcess(t, 1)
	users := []kfake.Opt{kfake.EnableSASL(), kfake.Superuser("PLAIN", "me", secret),
		kfake.Superuser("SCRAM-SHA-256", "me", secret), kfake.Superuser("SCRAM-SHA-512", "me", secret)}
	_, guarded := inProcess(t, 1, users...)
	refusing, refused := inProcess(t, 1, users...)
	say(refusing)
	config, ca := certified(t)
	_, encrypted := inProcess(t, 1, kfake.TLS(config))
	noCA := filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(noCA, []byte(secret), 0o644))
	for name, test := range map[string]struct {
		brokers, topic string
		with           Source // all else
		want           string // "" for no fault
	}{
		"none": {open.Brokers, "t", Source{}, ""},
		"one broker of two is closed": {closedPort(t) + "," + open.Brokers, "t", Source{},
			""},
		"closed port": {closedPort(t), "t", Source{}, "connection refused"},
		"silent port": {port(t, func(c net.Conn) { io.Copy(io.Discard, c) }), "t", Source{},
			"the broker does not answer"},
		"no such host":        {"broker.invalid:9092", "t", Source{}, "broker.invalid"},
		"no such topic":       {open.Brokers, "none", Source{}, "UNKNOWN_TOPIC_OR_PARTITION"},
		"TLS to a plain port": {open.Brokers, "t", Source{TLS: true}, "does the broker speak TLS at this port?"},
		"TLS to a port that closes": {port(t, func(c net.Conn) { c.Close() }), "t", Source{TLS: true},
			"does the broker speak TLS at this port?"},
		"TLS":                 {encrypted.Brokers, "t", Source{TLS: true, CA: ca}, ""},
		"plain to a TLS port": {encrypted.Brokers, "t", Source{}, "is TLS missing?"},
		"certificate is not trusted": {encrypted.Brokers, "t", Source{TLS: true},
			"certificate"},
		"no file of certificates": {encrypted.Brokers, "t", Source{TLS: true, CA: ca + "x"},
			"reading the certificates of ca="},
		"no certificates in it": {encrypted.Brokers, "t", Source{TLS: true, CA: noCA},
			"holds no certificate in PEM"},
		"plain":         {guarded.Brokers, "t", Source{SASL: "plain", User: "me", PasswordFrom: right}, ""},
		"scram-sha-256": {guarded.Brokers, "t", Source{SASL: "scram-sha-256", User: "me", PasswordFrom: right}, ""},
		"scram-sha-512": {guarded.Brokers, "t", Source{SASL: "scram-sha-512", User: "me", PasswordFrom: right}, ""},
		"plain, wrong password": {guarded.Brokers, "t", Source{SASL: "plain", User: "me", PasswordFrom: wrong},
			"password in " + wrong},
		"scram, wrong password": {guarded.Brokers, "t", Source{SASL: "scram-sha-256", User: "me", PasswordFrom: wrong},
			"password in " + wrong},
		"scram, no such user": {guarded.Brokers, "t",
			Source{SASL: "scram-sha-512", User: "you", PasswordFrom: right}, "user="},
		"plain, refused by Kafka": {refused.Brokers, "t", Source{SASL: "plain", User: "me", PasswordFrom: wrong},
			"Invalid username or password"},
		"scram, refused by Kafka": {refused.Brokers, "t", Source{SASL: "scram-sha-256", User: "me",
			PasswordFrom: wrong}, "Invalid username or password"},
		"no SASL where it is needed": {guarded.Brokers, "t", Source{}, "is SASL missing?"},
		"SASL where there is none": {open.Brokers, "t", Source{SASL: "plain", User: "me", PasswordFrom: right},
			"sasl="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := test.with
			s.Brokers, s.Topic = test.brokers, test.topic
			err := check(t, s)
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}
