package install

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFolderIsFilledOnce(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	fills := 0
	fill := func(dir string) error {
		fills++
		return os.WriteFile(filepath.Join(dir, "file"), nil, 0o644)
	}
	for range 2 {
		dir, err := Dir("rooms/some-1.0", fill)
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(cache, "adtoorder", "rooms", "some-1.0"), dir)
		assert.FileExists(t, filepath.Join(dir, "file"))
	}
	assert.Equal(t, 1, fills)
}

func TestAFolderIsNeverHalfFilled(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	broken := errors.New("the line is cut")
	_, err := Dir("some", func(dir string) error {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "half"), nil, 0o644))
		return broken
	})
	assert.ErrorIs(t, err, broken)
	assert.EqualError(t, err, "installing some: the line is cut")
	left, err := os.ReadDir(filepath.Join(cache, "adtoorder"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// The folder that was there first stays, since somebody may use it.
func TestTheFirstOfTwoFoldersStays(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	fill := func(content string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, "file"), []byte(content), 0o644) }
	}
	dir, err := Dir("some", func(dir string) error {
		_, err := Dir("some", fill("first"))
		return errors.Join(err, fill("second")(dir))
	})
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(dir, "file"))
	require.NoError(t, err)
	assert.Equal(t, "first", string(content))
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	assert.EqualError(t, Need("mvn"), "mvn is missing; install it: apt-get install -y maven")
}

func TestAFailedProgramSaysWhy(t *testing.T) {
	failing := exec.Command("sh", "-c", "echo no such jar; exit 3")
	assert.ErrorContains(t, Run(failing), "exit status 3: no such jar")
}
