package mapping

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTimeFormats(t *testing.T) {
	for text, want := range map[string]TimeFormat{
		"":                          {},
		"rfc3339":                   {IsText: true},
		"s":                         {IsNumber: true},
		"ms":                        {IsNumber: true, Unit: -3},
		"us":                        {IsNumber: true, Unit: -6},
		"ns":                        {IsNumber: true, Unit: -9},
		"02/01/2006 15:04":          {Layout: "02/01/2006 15:04"},
		"2006-01-02T15:04:05Z":      {Layout: "2006-01-02T15:04:05Z07:00", HasZone: true},
		"Jan 2, 2006 3:04:05 PM":    {Layout: "Jan 2, 2006 3:04:05 PM"},
		"%d/%m/%Y %H:%M":            {Layout: "02/01/2006 15:04"},
		"%F %T.%f":                  {Layout: "2006-01-02 15:04:05"},
		"%d/%b/%Y:%H:%M:%S %z":      {Layout: "02/Jan/2006:15:04:05 -0700", HasZone: true},
		"%Y-%m-%dT%H:%M:%S.%fZ":     {Layout: "2006-01-02T15:04:05Z07:00", HasZone: true},
		"%m/%d/%y %I:%M %p":         {Layout: "01/02/06 03:04 PM"},
		"20060102150405":            {Layout: "20060102150405"},
		"2006-01-02 15:04:05 -0700": {Layout: "2006-01-02 15:04:05 -0700", HasZone: true},
	} {
		got, err := parseTimeFormat(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"DD/MM/YYYY", "yyyy-MM-dd HH:mm:ss", "2006-01-02", "15:04", "%", "%d/%m", "%Q", "%f",
		"2006-01-02 15:04:05 MST", "minutes", "%H:%M %d.%m."} {
		_, err := parseTimeFormat(text)
		assert.ErrorContains(t, err, text)
	}
}
