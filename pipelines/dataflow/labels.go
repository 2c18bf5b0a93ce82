package dataflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// FlagOfLabels returns labels k=v[,k=v] as JSON, which Beam's flag --labels wants.
func FlagOfLabels(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	labels := map[string]string{}
	for _, pair := range strings.Split(text, ",") {
		key, value, ok := strings.Cut(pair, "=")
		if _, twice := labels[key]; !ok || twice {
			return "", refuse("labels", text, "must be KEY=VALUE,…, each key once")
		}
		labels[key] = value
	}
	encoded, err := json.Marshal(labels)
	return string(encoded), err
}

// The service's limits.
const (
	maxLabels     = 64
	maxLabelBytes = 128 // of a key or a value
	maxLabelRunes = 63
)

func (f Flags) checkLabels() error {
	if f.Labels == "" {
		return nil
	}
	var labels map[string]string
	if err := json.Unmarshal([]byte(f.Labels), &labels); err != nil || len(labels) > maxLabels {
		return refuse("labels", f.Labels, `must be JSON {"KEY":"VALUE"} of at most 64 labels`)
	}
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if first := []rune(key + " ")[0]; !unicode.IsLower(first) && !unicode.Is(unicode.Lo, first) || !isLabel(key) {
			return refuse("labels", f.Labels, fmt.Sprintf("key %q: must be at most 63 lower-case letters, digits, _ "+
				"and -, a letter first", key))
		}
		if !isLabel(labels[key]) {
			return refuse("labels", f.Labels, fmt.Sprintf("value %q: must be at most 63 lower-case letters, digits, _ "+
				"and -", labels[key]))
		}
	}
	return nil
}

func isLabel(text string) bool {
	return len(text) <= maxLabelBytes && len([]rune(text)) <= maxLabelRunes &&
		!strings.ContainsFunc(text, func(r rune) bool {
			return r != '_' && r != '-' && !unicode.IsLower(r) && !unicode.Is(unicode.Lo, r) && !unicode.IsNumber(r)
		})
}
