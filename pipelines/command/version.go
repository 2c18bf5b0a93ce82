package command

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
)

// printVersion prints what was built, by the build's own information.
func printVersion(out io.Writer, name string) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("the build left no information about itself")
	}
	_, err := fmt.Fprintln(out, name, version(info))
	return err
}

// version tells of the version, the revision and whether it was changed, and Go.
func version(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	text := cmp.Or(info.Main.Version, "(devel)")
	if revision := settings["vcs.revision"]; revision != "" {
		text += ", revision " + revision
		if at := settings["vcs.time"]; at != "" {
			text += " of " + at
		}
		if settings["vcs.modified"] == "true" {
			text += " with changes"
		}
	}
	return text + ", " + info.GoVersion
}
