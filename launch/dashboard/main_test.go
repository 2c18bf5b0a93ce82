package main

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFlagsThatCantBeUsed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	for args, want := range map[string]string{
		"--warehouse out/warehouse.db": "dashboard: --warehouse=out/warehouse.db: must be sqlite:FILE or " +
			"bigquery://PROJECT/DATASET",
		"--listen " + l.Addr().String(): "must be a free HOST:PORT, or localhost:0 for any",
		"--listen nowhere":              "--listen=nowhere: must be a free HOST:PORT",
		"--port 8080":                   "dashboard: --port is not a flag; see --help",
		"out/warehouse.db":              `dashboard: "out/warehouse.db" is not a flag, and dashboard takes flags only; see --help`,
	} {
		t.Run(args, func(t *testing.T) {
			var out, errs bytes.Buffer
			assert.Equal(t, 2, run(t.Context(), strings.Fields(args), &out, &errs))
			assert.Contains(t, errs.String(), want)
			assert.Equal(t, 1, strings.Count(errs.String(), "\n"), "one line")
		})
	}
}

func TestServesUntilTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	status := make(chan int)
	go func() {
		status <- run(ctx, []string{"--warehouse", "sqlite:" + t.TempDir() + "/none.db", "--listen", "localhost:0"},
			&out, &errs)
	}()
	cancel()
	assert.Equal(t, 0, <-status)
	assert.Contains(t, out.String(), "is at http://localhost:")
	assert.Empty(t, errs.String())
}

func TestHelp(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"--help"}, &out, &errs))
	assert.Contains(t, out.String(), "--listen address")
}
