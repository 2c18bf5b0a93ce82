//go:build integration

package scenarios

import (
	"context"
	"fmt"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"
	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Freshness as on Prism; and a record that is late, within the lateness,
// corrects its row within seconds.
func TestFlinkIsFresh(t *testing.T) {
	cluster := startFlink(t, 1, 2)
	kafka := kafkatest.Start(t, 3, "clicks", "orders")
	f := fromKafka(t, kafka.Addr)
	f.AllowedLateness, f.Window, f.OutOfOrderness = "1m", "5s", "1s"
	cluster.submit(f, nil, nil)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	sent := steady(ctx, t, kafka.Addr, 10_000, 40, true)
	lags := watchRows(t, f, *freshness+20*time.Second, time.Second)
	corrected := correct(t, kafka.Addr, f)
	stop()
	<-sent
	at := quantiles(lags)
	t.Logf("%d rows: p50 %v, p99 %v, max %v; a late record corrected its row after %v", len(lags), at(0.5), at(0.99),
		at(1), corrected)
	t.Log(cluster.do("status"))
	limit := 20 * time.Second // whatever else the machine does
	if *freshness >= time.Minute {
		limit = 3 * time.Second
		assert.LessOrEqual(t, corrected, 5*time.Second)
	}
	assert.LessOrEqual(t, at(0.99), limit)
	cluster.do("stop")
}

// correct sends a click that is late, and returns how long its row takes.
func correct(t *testing.T, addr string, f engine.Flags) time.Duration {
	t.Helper()
	producer, err := kgo.NewClient(kgo.SeedBrokers(addr))
	require.NoError(t, err)
	defer producer.Close()
	event := time.Now().UTC().Add(-20 * time.Second).Truncate(5 * time.Second)
	click := fmt.Sprintf(`{"EventId":"late","Event":"P601","EventType":"Promotion","Timestamp":"%s"}`,
		event.Format(time.RFC3339))
	require.NoError(t, producer.ProduceSync(t.Context(), &kgo.Record{Topic: "clicks", Value: []byte(click)}).FirstErr())
	for began := time.Now(); time.Since(began) < waitLimit; time.Sleep(50 * time.Millisecond) {
		rows, err := selectRows[engine.ConversionRow](t, f, "conversions",
			"window_start = ? AND promotion = 'P601' AND late_clicks = 1", event.Format(time.RFC3339))
		require.NoError(t, err)
		if len(rows) == 1 {
			return time.Since(began)
		}
	}
	t.Errorf("the late click is not in its row after %v", waitLimit)
	return 0
}
