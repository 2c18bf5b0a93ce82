package main

import (
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// generated tells whether ensure had to generate.
func generated(t *testing.T, d dataset) bool {
	t.Helper()
	said := 0
	require.NoError(t, d.ensure(func(string, ...any) { said++ }))
	return said > 0
}

// shortIn are the cases of the short form, in a directory.
func shortIn(work string, clicks, orders int) []dataset {
	return cases(options{work: work, clicks: clicks, orders: orders})[:3]
}

func small(work string) []dataset {
	return shortIn(work, 100, 10)
}

func TestDataIsReusedWhileItFits(t *testing.T) {
	d := small(t.TempDir())[0]
	assert.True(t, generated(t, d))
	assert.False(t, generated(t, d))

	d.Clicks++
	assert.True(t, generated(t, d), "other options")
	assert.False(t, generated(t, d))

	require.NoError(t, os.Truncate(d.clicks(), 50))
	assert.True(t, generated(t, d), "a file cut short")
	assert.False(t, generated(t, d))

	require.NoError(t, os.Remove(d.orders()))
	assert.True(t, generated(t, d), "a file gone")

	require.NoError(t, os.WriteFile(d.manifestPath(), []byte("{"), 0o644))
	assert.True(t, generated(t, d), "a broken manifest")
	assert.False(t, generated(t, d))
}

func TestOnlyOneDataSetHasIds(t *testing.T) {
	work := t.TempDir()
	for i, d := range small(work) {
		assert.True(t, generated(t, d))
		text, err := os.ReadFile(d.clicks())
		require.NoError(t, err)
		assert.Equal(t, i == 1, d.EventIDs)
		if d.EventIDs {
			assert.Contains(t, string(text), `"EventId":"E000100"`)
		} else {
			assert.NotContains(t, string(text), "EventId")
		}
		assert.NotContains(t, string(text), "Checkout")
	}
}

func TestLoadNeedsBothFiles(t *testing.T) {
	d := small(t.TempDir())[0]
	assert.True(t, generated(t, d))
	require.NoError(t, d.load())
	require.NoError(t, os.Remove(d.orders()))
	assert.ErrorIs(t, d.load(), fs.ErrNotExist)
}
