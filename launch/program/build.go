// Package program builds what runs elsewhere: the engine, and what starts it.
package program

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// Engine is the package of the engine's program, which is its own worker.
const Engine = "adtoorder/pipelines/conversions"

// Build builds a package's program for a system and a processor, as Go names
// them, without cgo, so that it needs nothing of the machine that it runs on.
func Build(ctx context.Context, what, to, system, processor string) error {
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", to, what)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+processor)
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s for %s/%s: %w: %s", what, system, processor, err, text)
	}
	return nil
}
