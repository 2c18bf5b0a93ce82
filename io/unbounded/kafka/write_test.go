package kafka

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
)

func openWriter(t *testing.T, s Source) *Writer {
	t.Helper()
	w, err := NewWriter(s)
	require.NoError(t, err)
	t.Cleanup(w.Close)
	return w
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 3)
	w := openWriter(t, s)
	at := time.UnixMilli(1_600_000_000_000) // long ago
	const n = 12_000                        // more than the client buffers
	for i := range n {
		require.NoError(t, w.Put(t.Context(), fmt.Sprint("key", i%10), fmt.Append(nil, i),
			at.Add(time.Duration(i)*time.Millisecond)))
	}
	require.NoError(t, w.Put(t.Context(), "", []byte("no key"), at))
	require.NoError(t, w.Flush(t.Context()))
	r := open(t, s)
	r.drain()
	last, of, read := map[int]int{}, map[int]string{}, 0 // numbers and partitions of keys
	for partition, records := range r.got {
		for _, one := range records {
			read++
			var i int
			if _, err := fmt.Sscan(string(one.Payload), &i); err != nil {
				assert.Equal(t, "no key", string(one.Payload))
				continue
			}
			assert.Equal(t, at.UnixMilli()+int64(i), one.Time)
			if before, ok := of[i%10]; ok {
				require.Equal(t, before, partition, "a key's partition")
				require.Equal(t, last[i%10]+10, i, "a key's order")
			}
			of[i%10], last[i%10] = partition, i
		}
	}
	assert.Equal(t, n+1, read)
	assert.Len(t, of, 10)
	assert.Greater(t, len(r.got), 1)
}

func TestWritersWithoutAKeyUseAllPartitions(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 2)
	for range 20 {
		w := openWriter(t, s)
		require.NoError(t, w.Put(t.Context(), "", []byte("x"), time.Now()))
		require.NoError(t, w.Flush(t.Context()))
	}
	r := open(t, s)
	r.drain()
	assert.Equal(t, 20, len(r.got["0"])+len(r.got["1"]))
	assert.NotEmpty(t, r.got["0"])
	assert.NotEmpty(t, r.got["1"])
}

func TestWritersSaySoWhenTheyFail(t *testing.T) {
	t.Parallel()
	_, s := inProcess(t, 1)
	_, guarded := inProcess(t, 1, kfake.EnableSASL(), kfake.Superuser("PLAIN", "me", secret))
	refusing, refused := inProcess(t, 1, kfake.EnableSASL(), kfake.Superuser("PLAIN", "me", secret))
	say(refusing)
	for name, test := range map[string]struct {
		source  Source
		payload string
		want    string // "" for no error
	}{
		"none": {s, "a", ""},
		"no such topic": {Source{Brokers: s.Brokers, Topic: "none"}, "a",
			"writing to topic none: UNKNOWN_TOPIC_OR_PARTITION"},
		"too long": {s, strings.Repeat("x", 2<<20), "writing to topic t: MESSAGE_TOO_LARGE"},
		"with password": {Source{Brokers: guarded.Brokers, Topic: "t", SASL: "plain", User: "me",
			PasswordFrom: right}, "a", ""},
		"wrong password": {Source{Brokers: refused.Brokers, Topic: "t", SASL: "plain", User: "me", PasswordFrom: wrong},
			"a", "writing to topic t"},
		"closed port": {Source{Brokers: closedPort(t), Topic: "t"}, "a", "writing to topic t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openWriter(t, test.source)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			start := time.Now()
			err := w.Put(ctx, "k", []byte(test.payload), time.UnixMilli(1))
			if err == nil {
				err = w.Flush(ctx)
			}
			t.Logf("after %v: %v", time.Since(start), err)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), secret)
			assert.Error(t, w.Flush(t.Context()))
			assert.Error(t, w.Put(t.Context(), "k", []byte("b"), time.Now()), "of the earlier message")
		})
	}
}

func TestWritersNeedTheirCertificates(t *testing.T) {
	_, err := NewWriter(Source{Brokers: "h:1", Topic: "t", TLS: true, CA: t.TempDir() + "/none"})
	assert.ErrorContains(t, err, "reading the certificates of ca=")
}
