package publish

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIsDestination(t *testing.T) {
	for text, want := range map[string]bool{"10": false, "-1": false, "many": false, "": false, "kafka://h:1/t": true,
		"folder:in": true} {
		t.Run(text, func(t *testing.T) {
			assert.Equal(t, want, IsDestination(text))
		})
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"kafka://h:9092/clicks":       "kafka://h:9092/clicks",
		"kinesis://clicks?region=a-1": "kinesis://clicks?region=a-1",
		"pubsub://shop/clicks":        "pubsub://shop/clicks",
		"folder:in/deep":              "folder:in/deep",
	} {
		t.Run(text, func(t *testing.T) {
			d, err := Parse("clicks", text, time.Second)
			require.NoError(t, err)
			assert.Equal(t, want, d.String())
		})
	}
}

func TestParseWatched(t *testing.T) {
	there := t.TempDir()
	t.Chdir(there)
	here, err := os.Getwd()
	require.NoError(t, err)
	for text, want := range map[string]Folder{
		"watch:" + there:                  {there, "clicks", time.Second},
		"watch:new":                       {filepath.Join(here, "new"), "clicks", time.Second},
		"watch:new/":                      {filepath.Join(here, "new"), "clicks", time.Second},
		"watch:new/*":                     {filepath.Join(here, "new"), "clicks", time.Second},
		"watch:/new/clicks-*":             {"/new", "clicks", time.Second},
		"watch:/new/c*.jsonl?every=5m":    {"/new", "clicks", 5 * time.Minute},
		"watch:clicks-????????T*Z.jsonl":  {here, "clicks", time.Second},
		"watch:/new/[a-d]*?every=1500ms":  {"/new", "clicks", 1500 * time.Millisecond},
		"watch:/new/clicks-*?every=100ms": {"/new", "clicks", 100 * time.Millisecond},
	} {
		t.Run(text, func(t *testing.T) {
			d, err := Parse("clicks", text, time.Second)
			require.NoError(t, err)
			assert.Equal(t, want, d)
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"kafka://h/clicks":      `broker "h" is not HOST:PORT`,
		"kinesis://":            "must be kinesis://STREAM",
		"pubsub://shop":         "must be pubsub://PROJECT/TOPIC",
		"s3://bucket":           "must be kafka://HOST:PORT/TOPIC, ",
		"folder:":               "must name a local directory",
		"folder:in/*.jsonl":     "must name a local directory",
		"folder:s3://bucket/in": "must name a local directory",
		"watch:":                "no directory is named",
		"watch:s3://b/in/":      "must name a local directory",
		"watch:in/orders-*":     "the pattern must match the files' names, such as clicks-19700101T000000.000Z.jsonl",
		"watch:in/*/clicks-*":   "must name a local directory",
		"watch:in/*/*.csv":      "the pattern must match the files' names",
		"watch:in/*?every=x":    "every=x is no duration",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := Parse("clicks", text, time.Second)
			assert.ErrorContains(t, err, want)
		})
	}
}
