package command

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func progressOn(terminal bool) (*Progress, *bytes.Buffer) {
	var out bytes.Buffer
	return &Progress{out: &out, terminal: terminal, told: map[string]bool{}}, &out
}

func TestProgress(t *testing.T) {
	for _, test := range []struct {
		name     string
		terminal bool
		want     string
	}{
		{"on a terminal", true, "\r\x1b[Kfetching: 1 MB\r\x1b[Kfetching: 2 MB\r\x1b[Ka " +
			"fault\n\r\x1b[Kstarting\r\x1b[K"},
		{"elsewhere", false, "fetching\na fault\nstarting\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, out := progressOn(test.terminal)
			p.Say("fetching: 1 MB")
			p.Say("fetching: 2 MB")
			p.Print("a fault")
			p.Say("starting")
			p.Clear()
			assert.Equal(t, test.want, out.String())
		})
	}
}

func TestFollow(t *testing.T) {
	p, out := progressOn(true)
	said := make(chan bool, 100)
	stop := p.Follow(func() string {
		said <- true
		return "7 records"
	})
	<-said
	<-said
	stop()
	assert.True(t, strings.HasPrefix(out.String(), "\r\x1b[K7 records"))
	assert.True(t, strings.HasSuffix(out.String(), "\r\x1b[K"))

	p, out = progressOn(false)
	p.Follow(func() string { return "7 records" })()
	assert.Empty(t, out.String())
}

func TestAFileIsNoTerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/said")
	require.NoError(t, err)
	defer file.Close()
	NewProgress(file).Say("building: 1 of 2")
	text, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	assert.Equal(t, "building\n", string(text))
}
