package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestValuesKeepTheFirstError(t *testing.T) {
	fs := newFlags()
	assert.NoError(t, fs.Parse([]string{"--clicks", "x", "--late", "y"}))
	v := values{fs: fs}
	assert.Equal(t, time.Hour, v.duration("span"))
	assert.NoError(t, v.err)
	v.share("late")
	v.whole("clicks", 0)
	assert.ErrorContains(t, v.err, "--late")
}

func TestStartIsADateInUTCOrATime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-01":                "2026-11-01T00:00:00Z",
		"2026-11-01T01:00:00+01:00": "2026-11-01T00:00:00Z",
	} {
		fs := newFlags()
		assert.NoError(t, fs.Parse([]string{"--start", text}))
		v := values{fs: fs}
		assert.Equal(t, want, v.time("start").UTC().Format(time.RFC3339))
		assert.NoError(t, v.err)
	}
}
