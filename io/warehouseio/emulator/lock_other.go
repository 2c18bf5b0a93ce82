//go:build !unix

package emulator

// lock does nothing: one process at a time installs.
func lock(string) (unlock func() error, err error) { return func() error { return nil }, nil }
