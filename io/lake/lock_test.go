package lake

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asWriter holds the lake, and has this test binary be another worker.
const asWriter = "ADTOORDER_TEST_LAKE"

// merges is how many merges each worker makes.
const merges = 50

// writeAs merges rows of its own into a file, one at a time.
func writeAs(name string, lake Lake) error {
	s, err := openStore(ctx, lake.Dir)
	if err != nil {
		return err
	}
	for i := range int64(merges) {
		pane := []row{rowOf(0, fmt.Sprint(name, i), 1, 1)}
		if err := merge(ctx, s, columns, lake.Format, lake.path("d", 0, "0"), pane); err != nil {
			return err
		}
	}
	return nil
}

// A worker of a failed attempt and its successor may merge into a file at once.
func TestMergeInTwoProcessesLosesNothing(t *testing.T) {
	lake := Lake{t.TempDir(), JSONL}
	self, err := os.Executable()
	require.NoError(t, err)
	other := exec.CommandContext(t.Context(), self)
	other.Env = append(os.Environ(), asWriter+"="+lake.Dir)
	other.Stdout, other.Stderr = os.Stdout, os.Stderr
	require.NoError(t, other.Start())
	require.NoError(t, writeAs("here ", lake))
	require.NoError(t, other.Wait())
	assert.Len(t, rowsOf(t, lake.path("d", 0, "0")), 2*merges)
	assert.Len(t, files(t, lake.Dir), 1, "nothing is left of the locks")
}
