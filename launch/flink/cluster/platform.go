package cluster

import (
	"debug/elf"
	"fmt"
	"runtime"
)

// machines are the processors that Go and ELF name differently.
var machines = map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}

// RunsHere fails if a worker binary is none for this machine.
func RunsHere(binary string) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	f, err := elf.Open(binary)
	if err != nil {
		return fmt.Errorf("--worker_binary=%s: is no Linux program (%v); build one: CGO_ENABLED=0 GOOS=linux "+
			"GOARCH=%s go build ./pipelines/conversions", binary, err, runtime.GOARCH)
	}
	defer f.Close()
	if machines[f.Machine] != runtime.GOARCH {
		return fmt.Errorf("--worker_binary=%s: is for %v, and the cluster runs on %s; build one: CGO_ENABLED=0 "+
			"GOOS=linux GOARCH=%s go build ./pipelines/conversions", binary, f.Machine, runtime.GOARCH, runtime.GOARCH)
	}
	return nil
}
