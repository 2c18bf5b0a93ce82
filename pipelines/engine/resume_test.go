package engine

import (
	"testing"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/progress"
	"adtoorder/io/table"
	"adtoorder/io/unbounded/pubsub/pubsubtest"
	"adtoorder/io/warehouse/bigquery"
	"adtoorder/io/warehouse/sqlite"
	"adtoorder/io/window"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOldestOpen(t *testing.T) {
	const minute = 60_000
	at := func(watermark, updated int64) ProgressRow {
		return ProgressRow{Watermark: table.Time(watermark), UpdatedAt: table.Time(updated)}
	}
	for name, c := range map[string]struct {
		rows []ProgressRow
		want int64
	}{
		// 100 min less lateness 5 min and settling 1 min: 94 min is open; less 10 s, at a window's start.
		"one partition":         {[]ProgressRow{at(100*minute, 200*minute)}, 93 * minute},
		"in a window":           {[]ProgressRow{at(100*minute+59_999, 200*minute)}, 93 * minute},
		"the one behind":        {[]ProgressRow{at(100*minute, 200*minute), at(50*minute, 200*minute-1)}, 43 * minute},
		"one long gone":         {[]ProgressRow{at(100*minute, 200*minute), at(50*minute, 198*minute)}, 93 * minute},
		"nothing read as yet":   {[]ProgressRow{at(0, 200*minute), at(100*minute, 200*minute)}, 0},
		"not older than 1970":   {[]ProgressRow{at(2*minute, 200*minute)}, 0},
		"no partition has rows": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, oldestOpen(c.rows, window.Policy{Size: time.Minute,
				AllowedLateness: 5 * time.Minute}, time.Minute, 10*time.Second))
		})
	}
}

// A write to BigQuery or a bucket may take as long as it is tried again.
func TestSettling(t *testing.T) {
	near := Options{Warehouse: sqlite.Warehouse{}, Lake: lake.Lake{Dir: "out/lake"}}
	assert.Equal(t, time.Minute+time.Second, near.settling())
	away, bucket := near, near
	away.Warehouse = bigquery.Warehouse{}
	bucket.Lake.Dir = "gs://b/lake"
	assert.Equal(t, 11*time.Minute, away.settling())
	assert.Equal(t, 11*time.Minute+10*time.Second, bucket.settling())
}

func TestARunThatGoesOnSaysWhatItCantReadAgain(t *testing.T) {
	server := pubsubtest.Start(t, []string{"clicks"})
	in, err := parseInput(t.Context(), "clicks", []string{server.URI("clicks")})
	require.NoError(t, err)
	at := time.Now().Truncate(time.Minute)
	const command = "gcloud pubsub subscriptions "
	since := at.UTC().Format(time.RFC3339)
	for name, test := range map[string]struct {
		o     Options
		start int64
		want  []string
	}{
		"without Pub/Sub": {Options{Runner: "prism"}, at.UnixMilli(), nil},
		"on Prism": {Options{Runner: "prism", Clicks: in}, at.UnixMilli(), []string{"windows since " + since +
			" may lack", "it does not keep acknowledged messages", command +
			"update clicks --project shop --retain-acked-messages"}},
		"at its beginning": {Options{Runner: Flink, Clicks: in}, 0,
			[]string{"windows since that run's beginning may lack", "to read them whole, stop, " + command +
				"seek clicks --project shop --time TIME (the"}},
		"on a cluster": {Options{Runner: Flink, Clicks: in}, at.UnixMilli(), []string{"to read them whole, stop, " +
			command + "seek clicks --project shop --time " + since + " (the", command + "update clicks"}},
	} {
		t.Run(name, func(t *testing.T) {
			problems := make(chan string, 10)
			progress.OnProblem(func(text string) { problems <- text })
			defer progress.OnProblem(func(string) {})
			(&run{Options: test.o}).goBack(t.Context(), test.start)
			require.Len(t, problems, min(1, len(test.want)))
			for _, want := range test.want {
				text := <-problems
				assert.Contains(t, text, want)
				problems <- text
			}
		})
	}
}
