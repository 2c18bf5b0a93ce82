package window

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"adtoorder/io/testenv"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() {
	register.Function1x2(keyed)
	register.Function3x0(observe)
	register.Iter1[int64]()
}

func TestMain(m *testing.M) { testenv.Main(m) }

func keyed(second int64) (string, int64) { return "key", second }

// observed are the panes that this process has seen, by their numbers: the second of the
// newest element of each.
var observed struct {
	sync.Mutex
	newest map[int64]int64
}

func observe(pane beam.PaneInfo, _ string, seconds func(*int64) bool) {
	var newest, second int64
	for seconds(&second) {
		newest = max(newest, second)
	}
	observed.Lock()
	defer observed.Unlock()
	observed.newest[pane.Index] = newest
}

// firings returns the seconds of the newest elements of a window's panes, where an
// element comes in each of the first seconds, the window ends at another, and then some
// come late.
func firings(t *testing.T, p Policy, first, end int64, late ...int64) (newest []int64) {
	config := teststream.NewConfig()
	for second := range int64(200) {
		if second < first || slices.Contains(late, second) {
			require.NoError(t, config.AddElements(0, second))
		}
		if second == end {
			require.NoError(t, config.AdvanceWatermark(p.Size.Milliseconds()))
		}
		config.AdvanceProcessingTime(time.Second.Milliseconds())
	}
	require.NoError(t, config.AdvanceWatermarkToInfinity())
	observed.newest = map[int64]int64{}
	pipeline, s := beam.NewPipelineWithRoot()
	windowed := p.Into(s, beam.ParDo(s, keyed, teststream.Create(s, config)), 4*time.Second)
	beam.ParDo0(s, observe, beam.GroupByKey(s, windowed))
	ptest.RunAndValidate(t, pipeline)
	for _, index := range slices.Sorted(maps.Keys(observed.newest)) {
		newest = append(newest, observed.newest[index])
	}
	return slices.Compact(newest)
}

// An element that comes in second 3 is there at the fourth second's end.
func TestEarlyPanesGetRarer(t *testing.T) {
	p := Policy{Size: time.Minute, AllowedLateness: 10 * time.Minute}
	assert.Equal(t, []int64{3, 7, 11, 15, 19, 20}, firings(t, p, 21, 30), "Flink")
	p.AnyTrigger = true
	assert.Equal(t, []int64{3, 7, 15, 31, 59}, firings(t, p, 60, 70), "a minute")
	assert.Equal(t, []int64{3, 7, 15, 31, 59, 105, 107}, firings(t, p, 60, 70, 104, 105, 107), "late elements")
	p.Size = 10 * time.Second
	assert.Equal(t, []int64{3, 7, 9}, firings(t, p, 10, 20), "shorter than its third delay")
	p.Size = time.Hour
	assert.Equal(t, []int64{3, 7, 15, 31, 63, 67, 71, 75, 79}, firings(t, p, 80, 90), "an hour")
}
