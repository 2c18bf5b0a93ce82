//go:build integration

package scenarios

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"adtoorder/io/unbounded/kafka/kafkatest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var freshness = flag.Duration("freshness", 15*time.Second, "how long rows are looked at in TestFreshness and "+
	"TestFlinkIsFresh; from a minute on their limits are strict, and a thousand promotions are tried, too")

// Freshness is from the end of a window plus the out-of-orderness until its row
// is complete in SQLite.
func TestFreshness(t *testing.T) {
	all := []int{40}
	if *freshness >= time.Minute {
		all = append(all, 1000)
	}
	for _, promotions := range all {
		t.Run(fmt.Sprint(promotions, " promotions"), func(t *testing.T) {
			kafka := kafkatest.Start(t, 3, "clicks", "orders")
			f := fromKafka(t, kafka.Addr)
			f.AllowedLateness, f.Window, f.OutOfOrderness = "1m", "5s", "1s"
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			sent := steady(ctx, t, kafka.Addr, 10_000, promotions, true)
			run := runLive(t, f)
			lags := watchRows(t, f, *freshness+20*time.Second, time.Second)
			stop()
			<-sent
			require.NoError(t, run.stop(t))
			at := quantiles(lags)
			t.Logf("%d rows: p50 %v, p99 %v, max %v", len(lags), at(0.5), at(0.99), at(1))
			if promotions == 40 {
				limit := 20 * time.Second // whatever else the machine does
				if *freshness >= time.Minute {
					limit = 2 * time.Second
				}
				assert.LessOrEqual(t, at(0.99), limit)
			}
		})
	}
}
