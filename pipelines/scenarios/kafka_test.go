package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The oracle is given the broker times, and must agree to the row.
func TestKafkaGivesTheOraclesRows(t *testing.T) {
	broker := inProcessKafka(t, 3)
	want, lines := kafkaTraffic(t, broker, 20_000, 2_000, time.Minute)
	f := fromKafka(t, broker)
	f.AllowedLateness = "1m"
	run := runLive(t, f)
	run.untilRead(t, lines)
	require.NoError(t, run.stop(t), "the ledger balances")
	assertRows(t, "prism", want, inWarehouse(t, f))
	assertRows(t, "prism", want, inLake(t, f))
}
