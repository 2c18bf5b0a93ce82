package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"adtoorder/pipelines/engine"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Of what is not about a promotion, a few records are kept as samples, the same ones by
// every runner, and the ledger does not change.
func TestSamplesOfWhatIsNotAboutAPromotion(t *testing.T) {
	inLowerCase := func(object string) string { return strings.Replace(object, `"Promotion"`, `"promotion"`, 1) }
	clicks := strings.Join(each(framedClicks(), inLowerCase), "\n")
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprintf(`{"OrderId":"O%d","Timestamp":"2026-11-01T0%d:00:00Z","OrderLines":[]}`, i, i%2))
	}
	orders := strings.Join(many, "\n")
	var lakes []map[string]string
	f := framed(t, "direct", "a.jsonl", clicks, orders)
	for _, runner := range engine.Embedded {
		in := f
		f := place(t, runner)
		f.Clicks, f.Orders = in.Clicks, in.Orders
		summary, err := start(t, f)
		require.NoError(t, err, "the ledger balances")
		assert.EqualValues(t, 510, summary.Records("not_promotion"))
		kept := map[string][]string{}
		for _, r := range inWarehouse(t, f).Rejects {
			assert.Equal(t, "not_promotion", r.Outcome)
			assert.Empty(t, r.Reason)
			kept[r.Stream] = append(kept[r.Stream], string(r.Payload))
		}
		assert.ElementsMatch(t, strings.Split(clicks, "\n"), kept["clicks"], "all of few")
		assert.ElementsMatch(t, many[:len(kept["orders"])], kept["orders"], "the first of many")
		assert.InDelta(t, 4096/len(many[0]), len(kept["orders"]), 2)
		assert.Len(t, inLake(t, f).Rejects, len(kept["clicks"])+len(kept["orders"]))
		lakes = append(lakes, filesIn(t, f.Lake))
	}
	assert.Equal(t, lakes[0], lakes[1])
}
