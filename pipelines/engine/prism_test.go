package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// Jobs that come at the same time do not end the process, and leave no files.
func TestPrismTakesJobsAtTheSameTime(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var jobs errgroup.Group
	for range 1000 {
		jobs.Go(func() error {
			p, s := beam.NewPipelineWithRoot()
			beam.Impulse(s)
			return runOnPrism(t.Context(), p)
		})
	}
	require.NoError(t, jobs.Wait())
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
