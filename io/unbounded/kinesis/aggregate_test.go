package kinesis

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"testing"

	"adtoorder/io/message"
	"adtoorder/io/unbounded"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// aggregate packs payloads as the Kinesis Producer Library does.
func aggregate(payloads ...string) []byte {
	var body []byte
	body = protowire.AppendString(protowire.AppendTag(body, 1, protowire.BytesType), "pk")
	for _, payload := range payloads {
		one := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 0)
		one = protowire.AppendString(protowire.AppendTag(one, 3, protowire.BytesType), payload)
		body = protowire.AppendBytes(protowire.AppendTag(body, 3, protowire.BytesType), one)
	}
	sum := md5.Sum(body)
	return append(append([]byte(aggregated), body...), sum[:]...)
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// taken returns the positions and payloads of the records in messages with the sequence
// numbers s0, s1...
func taken(messages ...[]byte) (all []string) {
	c := (&fake{}).client()
	var records []types.Record
	for i, data := range messages {
		records = append(records, types.Record{Data: data, SequenceNumber: aws.String("s" + string(rune('0'+i)))})
	}
	var b unbounded.Batch
	if n := c.take(&b, "shard", records); n < len(records) {
		all = append(all, "full")
	}
	for _, r := range b.Records {
		text := r.Position() + " " + string(r.Payload)
		if r.Damage != "" {
			text = r.Position() + " " + r.Damage
		}
		all = append(all, text)
	}
	return append(all, "next "+b.Next)
}

func TestAggregatesAreTakenApart(t *testing.T) {
	damaged := aggregate(`{"a":1}`)
	damaged[len(damaged)-1]++
	cut := aggregate(`{"a":1}`)[:12]
	assert.Equal(t, []string{`s0 {"a":1}`, `s0/2 {"b":2}`, `s0/3 {"c":3}`, `s0/4 {"d":4}`,
		`s1 {"e":5}`, "s2 corrupt_kpl", "s3 corrupt_kpl", "next s5"},
		taken(aggregate(`{"a":1}`, `[{"b":2},{"c":3}]`, string(zipped(t, `{"d":4}`))), []byte(`{"e":5}`), damaged, cut,
			aggregate(), []byte("[]")))
}

func TestCloudWatchIsUnwrapped(t *testing.T) {
	data := `{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],` +
		`"logEvents":[{"id":"1","timestamp":1,"message":"{\"a\":1}\n"},{"id":"2","timestamp":2,` +
		`"message":"{\"b\":2}{\"c\":3}"},{"id":"3","timestamp":3,"message":"START"}]}`
	control := `{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logEvents":[{"id":"","message":"x"}]}`
	mine := `{"messageType":"mine","logEvents":[]}`
	assert.Equal(t, []string{`s0 {"a":1}`, `s0/2 {"b":2}`, `s0/3 {"c":3}`, "s0/4 START", "s2 " + mine,
		`s3 {"d":4}`, `s3/2 {"a":1}`, `s3/3 {"b":2}`, `s3/4 {"c":3}`, "s3/5 START", "next s3"},
		taken(zipped(t, data), zipped(t, control), []byte(mine), zipped(t, `{"d":4}`+data)))
}

// Messages that hold more than seemed are read in several batches.
func TestMuchInFewMessages(t *testing.T) {
	much := zipped(t, `{"a":"`+string(bytes.Repeat([]byte("x"), message.MaxText-100))+`"}`+`{"b":2}`)
	got := taken(much, []byte(`{"c":3}`), much)
	assert.Equal(t, []string{"full", `s0/2 {"b":2}`, "next s0"}, append(got[:1:1], got[2:]...))
}

// Only what was packed comes out, and nothing panics.
func FuzzAggregate(f *testing.F) {
	f.Add(aggregate(`{"a":1}`, "b")[4:], "x")
	f.Add([]byte{}, "")
	f.Add([]byte{0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f}, "")
	f.Fuzz(func(t *testing.T, body []byte, payload string) {
		sum := md5.Sum(body)
		message := append(append([]byte(aggregated), body...), sum[:]...)
		if payloads, ok := userRecords(message); ok {
			for _, one := range payloads {
				require.True(t, bytes.Contains(body, one))
			}
		}
		_, ok := userRecords(append([]byte(aggregated), body...))
		require.False(t, ok && len(body) < 16)
		got, ok := userRecords(aggregate(payload, payload))
		require.True(t, ok)
		require.Equal(t, []string{payload, payload}, []string{string(got[0]), string(got[1])})
	})
}
