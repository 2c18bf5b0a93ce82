package storage

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asWriter holds a file, and has this test binary be another worker.
const asWriter = "ADTOORDER_TEST_STORAGE"

// updates is how many updates each worker makes.
const updates = 50

// writeAs adds lines of its own to a file, one at a time.
func writeAs(name, file string) error {
	var s Storage
	for i := range updates {
		if err := s.Update(ctx, file, add(fmt.Sprint(name, i))); err != nil {
			return err
		}
	}
	return nil
}

// A worker of a failed attempt and its successor may update a file at once.
func TestUpdateInTwoProcessesLosesNothing(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	other := exec.CommandContext(t.Context(), self)
	other.Env = append(os.Environ(), asWriter+"="+dir+"/d/file")
	other.Stdout, other.Stderr = os.Stdout, os.Stderr
	require.NoError(t, other.Start())
	require.NoError(t, writeAs("here ", dir+"/d/file"))
	require.NoError(t, other.Wait())
	assert.Equal(t, 2*updates, strings.Count(content(t, dir+"/d/file"), "\n"))
	assert.Equal(t, []string{"d/file"}, names(t, dir), "nothing is left of the locks")
}
