package command

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersion(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for _, test := range []struct {
		name    string
		version string
		set     []debug.BuildSetting
		want    string
	}{
		{"without a repository", "", nil, "(devel), go1.26.0"},
		{"a release", "v1.2.3", []debug.BuildSetting{setting("vcs.revision", "abc"),
			setting("vcs.time", "2026-11-01T00:00:00Z"),
			setting("vcs.modified", "false")}, "v1.2.3, revision abc of 2026-11-01T00:00:00Z, go1.26.0"},
		{"with changes", "(devel)", []debug.BuildSetting{setting("vcs.revision", "abc"),
			setting("vcs.modified", "true")},
			"(devel), revision abc with changes, go1.26.0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: test.version},
				Settings: test.set}
			assert.Equal(t, test.want, version(info))
		})
	}
}

func TestEveryProgramHasAVersion(t *testing.T) {
	for _, p := range []Program{greeter(), office()} {
		t.Run(p.Name, func(t *testing.T) {
			status, out, errs := executed(p, "--version")
			assert.Equal(t, OK, status)
			assert.Regexp(t, `^`+p.Name+` .*go1\.\d+.*\n$`, out)
			assert.Empty(t, errs)
		})
	}
}
