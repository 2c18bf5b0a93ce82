package mapping

import (
	"embed"
	"strings"
)

//go:embed presets
var presets embed.FS

// Preset returns a map that comes with the program, as YAML.
func Preset(name string) (text []byte, known bool) {
	if strings.ContainsAny(name, "/.") {
		return nil, false
	}
	text, err := presets.ReadFile("presets/" + name + ".yaml")
	return text, err == nil
}

// Presets returns the names of all presets, in alphabetical order.
func Presets() (names []string) {
	files, err := presets.ReadDir("presets")
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names
}
