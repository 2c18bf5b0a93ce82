package engine

import (
	"context"
	"os"
	"testing"

	"adtoorder/io/lake"
	"adtoorder/io/unbounded"
	"adtoorder/io/unbounded/folder"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A live run wants to know whether there is a ledger, not what is in it.
func TestALiveRunReadsNoFileOfTheLakeBefore(t *testing.T) {
	o := Options{Lake: lake.Lake{Dir: t.TempDir(), Format: lake.JSONL},
		Clicks: Input{Unbounded: []unbounded.Source{folder.Source{}}}}
	r := &run{Options: o}
	_, err := r.before(context.Background())
	require.NoError(t, err)
	assert.False(t, r.goesOn)

	hour := o.Lake.Dir + "/" + ledgerDataset + "/year=2026/month=11/day=01/hour=00"
	require.NoError(t, os.MkdirAll(hour, 0o755))
	require.NoError(t, os.WriteFile(hour+"/.20261101T00-0.jsonl.01234567", nil, 0o644))
	_, err = r.before(context.Background())
	require.NoError(t, err)
	assert.False(t, r.goesOn, "a temporary file")

	require.NoError(t, os.WriteFile(hour+"/20261101T00-0.jsonl", []byte("what can't be read"), 0o644))
	before, err := r.before(context.Background())
	require.NoError(t, err)
	assert.True(t, r.goesOn)
	assert.Empty(t, before.Ledger)

	_, err = (&run{Options: Options{Lake: o.Lake, Replace: true}}).before(context.Background())
	assert.Error(t, err, "finished files are set against what stays")
}
