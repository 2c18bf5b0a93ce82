package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adtoorder/io/lake"
	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARunWhoseLedgerDoesNotBalanceFails(t *testing.T) {
	f := place(t, "direct")
	f.LakeFormat = lake.JSONL
	f.Clicks, f.Orders = []string{"../../testdata/rules/clicks.jsonl"}, []string{"../../testdata/rules/orders.jsonl"}
	_, err := start(t, f)
	require.NoError(t, err)

	// One more order was read, says the ledger now: rows merge by max, so it stays.
	booked, err := filepath.Glob(f.Lake + "/ledger/year=1970/*/*/*/*.jsonl")
	require.NoError(t, err)
	require.Len(t, booked, 1)
	content, err := os.ReadFile(booked[0])
	require.NoError(t, err)
	const read = `"stream":"orders","outcome":"read","reason":"","promotion":"","records":`
	require.Contains(t, string(content), read+"29}")
	require.NoError(t, os.WriteFile(booked[0], []byte(strings.Replace(string(content), read+"29}", read+"30}", 1)),
		0o644))

	summary, err := start(t, f)
	var imbalance *engine.Imbalance
	require.ErrorAs(t, err, &imbalance)
	assert.Equal(t, engine.Imbalance{Stream: ledger.Orders, Read: 30, Outcomes: 29}, *imbalance)
	assert.EqualValues(t, 30, summary.Ledger[ledger.Entry{Stream: ledger.Orders, Outcome: ledger.Read}],
		"the summary is there to look at")
}
