// Package testenv is what tests share: a TestMain, and servers that are programs of
// other languages. It is for tests only.
package testenv

import (
	"flag"
	"log/slog"
	"os"
	"sync"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Main is the body of a TestMain of a package whose tests run pipelines.
func Main(m *testing.M) {
	SetUp()
	os.Exit(m.Run())
}

// SetUp readies this process for pipelines, once: flags are parsed, Beam's worker is
// known, and runners, which log every step, are quiet.
var SetUp = sync.OnceFunc(func() {
	flag.Parse()
	beam.Init()
	slog.SetDefault(slog.New(slog.DiscardHandler))
})
