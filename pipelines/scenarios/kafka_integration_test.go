//go:build integration

package scenarios

import (
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"

	"github.com/stretchr/testify/require"
)

func TestRealKafkaGivesTheOraclesRows(t *testing.T) {
	kafka := kafkatest.Start(t, 3, "clicks", "orders")
	want, lines := kafkaTraffic(t, kafka.Addr, 200_000, 20_000, time.Minute)
	f := fromKafka(t, kafka.Addr)
	f.AllowedLateness = "1m"
	begin := time.Now()
	run := runLive(t, f)
	run.untilRead(t, lines)
	t.Logf("%d records were read in %v", lines, time.Since(begin))
	require.NoError(t, run.stop(t), "the ledger balances")
	t.Logf("drained after %v", time.Since(begin))
	assertRows(t, "prism", want, inWarehouse(t, f))
	assertRows(t, "prism", want, inLake(t, f))
}
