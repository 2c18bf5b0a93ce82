package scenarios

import (
	"strings"
	"testing"
	"time"

	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// produced writes messages to a topic, all of one time.
func produced(t *testing.T, broker, topic string, messages ...[]byte) {
	t.Helper()
	producer, err := kgo.NewClient(kgo.SeedBrokers(broker))
	require.NoError(t, err)
	defer producer.Close()
	for _, m := range messages {
		require.NoError(t, producer.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Key: []byte("k"), Value: m,
			Timestamp: time.Date(2026, 11, 1, 0, 0, 10, 0, time.UTC)}).FirstErr())
	}
}

// However records stand in messages, each is counted, and each broken one is a reject that
// tells where it stands. Tombstones are none, and the ledger balances.
func TestMessagesHoldRecordsAsFilesDo(t *testing.T) {
	broker := inProcessKafka(t, 1)
	clicks, orders := framedClicks(), framedOrders()
	produced(t, broker, "clicks", []byte(clicks[0]), []byte(clicks[1]+clicks[2]+"\n"), nil,
		[]byte("["+clicks[3]+","+clicks[4]+"]"), []byte(pretty(clicks[5])+pretty(clicks[6])),
		[]byte(packed(t, "gzip", clicks[7]+"oops"+clicks[8])), []byte(quoted(clicks[9])),
		[]byte("\x00\x00\x00\x00\x07{}"))
	produced(t, broker, "orders", nil, []byte("\ufeff["+strings.Join(orders, ",\n")+"]"))
	f := fromKafka(t, broker)
	run := runLive(t, f)
	run.untilRead(t, 15)
	require.NoError(t, run.stop(t), "the ledger balances")
	found := inWarehouse(t, f)
	var counted int64
	for _, row := range found.Ledger {
		if row.Outcome == ledger.Counted {
			counted += row.Records
		}
	}
	assert.EqualValues(t, 13, counted)
	var rejects []string
	for _, r := range found.Rejects {
		rejects = append(rejects, r.Position+" "+r.Reason)
	}
	assert.ElementsMatch(t, []string{"5/2 not_json_object", "7 needs_schema_registry"}, rejects)
}
