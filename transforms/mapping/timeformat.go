package mapping

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// TimeFormat is how a time is written.
type TimeFormat struct {
	// Unit is that of numbers since the Unix epoch, as a power of ten of a second; used
	// where IsNumber is set.
	Unit     int
	IsNumber bool
	IsText   bool   // as RFC 3339 has it
	Layout   string // of package time; "" for none
	HasZone  bool   // the layout has a zone
}

// units are those of numbers, as powers of ten of a second.
var units = map[string]int{"s": 0, "ms": -3, "us": -6, "µs": -6, "ns": -9}

// parseTimeFormat reads a format. With none, times are whatever can mean one thing only.
func parseTimeFormat(text string) (f TimeFormat, err error) {
	if unit, ok := units[text]; ok {
		return TimeFormat{IsNumber: true, Unit: unit}, nil
	}
	switch text {
	case "":
		return f, nil
	case "rfc3339":
		return TimeFormat{IsText: true}, nil
	}
	layout := text
	if strings.Contains(text, "%") {
		if layout, err = fromPercents(text); err != nil {
			return f, fmt.Errorf("found %q; %w", text, err)
		}
	}
	if base, ok := strings.CutSuffix(layout, "Z"); ok { // which package time would not take as UTC
		layout = base + "Z07:00"
	}
	// Two times and zones: what stands for nothing comes back equal from both.
	first := time.Date(2033, 10, 29, 17, 48, 36, 0, time.UTC)
	second := time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, t := range []time.Time{first, second} {
		back, err := time.Parse(layout, t.Format(layout))
		if err != nil || !back.Truncate(time.Minute).Equal(t.Truncate(time.Minute)) {
			return f, fmt.Errorf("found %q; must be rfc3339, s, ms, us or ns (since 1970), or say how "+
				"2006-01-02 15:04:05 is written, such as 02/01/2006 15:04, or with percent signs, such as "+
				"%%d/%%m/%%Y %%H:%%M", text)
		}
	}
	if strings.Contains(layout, "MST") {
		return f, fmt.Errorf("found %q; a zone's abbreviation can mean several; must be an offset (-0700, %%z)", text)
	}
	elsewhere := second.In(time.FixedZone("", 3*60*60))
	return TimeFormat{Layout: layout, HasZone: elsewhere.Format(layout) != second.Add(3*time.Hour).Format(layout)}, nil
}

// percents are what the directives of strftime are in layouts of package time.
var percents = map[byte]string{'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'j': "002", 'H': "15",
	'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday", 'z': "-0700",
	'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", '%': "%"}

func fromPercents(text string) (layout string, err error) {
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			layout += text[i : i+1]
			continue
		}
		if i++; i == len(text) {
			return "", errors.New("ends with a percent sign")
		}
		if before, ok := strings.CutSuffix(layout, "05."); ok && text[i] == 'f' {
			layout = before + "05" // a fraction behind the seconds is always read
			continue
		}
		part, ok := percents[text[i]]
		if !ok {
			return "", fmt.Errorf("%%%c is not known there", text[i])
		}
		layout += part
	}
	return layout, nil
}

// Zone returns a zone by its name in the IANA database.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, errors.New("must be the name of a time zone, such as Europe/Berlin or UTC")
	}
	return zone, nil
}
