package install

import (
	"bytes"
	"fmt"
	"os/exec"
)

// maxTail bounds what is shown of a program's output, in bytes.
const maxTail = 4000

// Tail returns the end of what a program printed.
func Tail(output []byte) []byte {
	output = bytes.TrimSpace(output)
	return output[max(0, len(output)-maxTail):]
}

// Run runs a program to its end. An error holds the end of what it printed.
func Run(c *exec.Cmd) error {
	if output, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", c, err, Tail(output))
	}
	return nil
}
