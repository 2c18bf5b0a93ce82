package nearmiss

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"adtoorder/transforms/ledger"

	"github.com/valyala/fastjson"
)

// Draft returns the lines of a map that may fit some records, for a person to look at. It
// returns none where they are as the engine's own, or have a shape of which there is a map.
func Draft(stream string, payloads [][]byte) (lines []string) {
	d := draft{lines: map[string]map[string]int{}, types: map[string]int{}}
	finder := New(stream)
	for _, payload := range payloads {
		v, err := finder.json.ParseBytes(payload)
		if err == nil && v.Type() == fastjson.TypeObject {
			d.note(finder.find(v))
		}
	}
	return d.write(stream)
}

// draft counts what records have.
type draft struct {
	lines map[string]map[string]int // records, by a field's key and its line; "" where the field is our own
	types map[string]int            // records, by a type that comes close to Promotion
	rows  int                       // records that are rows of tables
	known int                       // records of a known shape, or of the other stream
	all   int
}

func (d *draft) note(f finding) {
	d.all++
	if f.shape != "" || f.swapped {
		d.known++
		return
	}
	if f.row {
		d.rows++
	}
	for _, m := range f.matches {
		line := ""
		if !m.exact {
			line = match{wanted: m.wanted, path: m.path, inLine: m.inLine}.mend()[0]
		}
		if d.lines[m.wanted.key] == nil {
			d.lines[m.wanted.key] = map[string]int{}
		}
		d.lines[m.wanted.key][line]++
		if m.value != "" {
			d.types[m.value]++
		}
	}
}

// write writes what most records have, in the order of a map.
func (d *draft) write(stream string) (lines []string) {
	if d.all == 0 || 2*d.known > d.all {
		return nil
	}
	keys := []string{"id", "time", "type", "promotion", "user"}
	if stream == ledger.Orders {
		keys = []string{"id", "time", "user", "lines", "promotion", "quantity", "price"}
	}
	differs := len(d.types) > 0
	for _, key := range keys {
		line, records := mostOf(d.lines[key])
		switch {
		case records == 0 && key != "user" && key != "id" && key != "type":
			lines = append(lines, fmt.Sprintf("# %s: nothing comes close; which of the fields is it?", key))
			differs = true
		case line != "":
			lines = append(lines, line+share(records, d.all))
			differs = true
		}
	}
	if !differs {
		return nil
	}
	if d.rows > 0 {
		lines = append([]string{"rows: lines"}, lines...)
	}
	if _, records := mostOf(d.lines["type"]); records == 0 && stream == ledger.Clicks {
		lines = append(lines, "where: all # or which records are clicks on promotions, such as where: {name: value}")
	}
	if len(d.types) > 0 {
		var types []string
		for _, value := range slices.Sorted(maps.Keys(d.types)) {
			types = append(types, quoted(value))
		}
		lines = append(lines, "types: ["+strings.Join(types[:min(len(types), maxTypes)], ", ")+"]")
	}
	return lines
}

// maxTypes is how many types a draft names.
const maxTypes = 10

// mostOf returns what most records have.
func mostOf(all map[string]int) (line string, records int) {
	for one, n := range all {
		if n > records || n == records && cmp.Compare(one, line) < 0 {
			line, records = one, n
		}
	}
	return line, records
}

// share says how many of all records have a line, unless all do.
func share(records, all int) string {
	if records == all {
		return ""
	}
	return fmt.Sprintf(" # in %d of %d records", records, all)
}
