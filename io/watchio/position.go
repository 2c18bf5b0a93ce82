package watchio

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
)

// position is how far a source was read, as checkpoints keep it. The empty text
// stands for nothing at all.
type position struct {
	Seen   []string `json:"seen,omitempty"`   // hashes of the paths that were read, base 36
	File   string   `json:"file,omitempty"`   // the path that is being read, escaped: it may be no UTF-8
	Offset int64    `json:"offset,omitempty"` // bytes of its uncompressed text that were read
}

// seen are the hashes of paths, sorted.
type seen []uint64

func hash(path string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(path))
	return h.Sum64()
}

func (s seen) has(path string) bool {
	_, ok := slices.BinarySearch(s, hash(path))
	return ok
}

func (s *seen) add(path string) {
	h := hash(path)
	if i, ok := slices.BinarySearch(*s, h); !ok {
		*s = slices.Insert(*s, i, h)
	}
}

// keep forgets all but some paths.
func (s *seen) keep(paths []string) {
	var kept seen
	for _, path := range paths {
		if s.has(path) {
			kept = append(kept, hash(path))
		}
	}
	slices.Sort(kept)
	*s = slices.Compact(kept)
}

func encode(s seen, file string, offset int64) string {
	p := position{File: (&url.URL{Path: file}).EscapedPath(), Offset: offset}
	for _, h := range s {
		p.Seen = append(p.Seen, strconv.FormatUint(h, 36))
	}
	if len(p.Seen) == 0 && p.File == "" {
		return ""
	}
	text, _ := json.Marshal(p) // of strings and a number
	return string(text)
}

func decode(text string) (s seen, file string, offset int64, err error) {
	if text == "" {
		return nil, "", 0, nil
	}
	var p position
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, "", 0, fmt.Errorf("reading the position: %w", err)
	}
	for _, one := range p.Seen {
		h, err := strconv.ParseUint(one, 36, 64)
		if err != nil {
			return nil, "", 0, fmt.Errorf("reading the position: %w", err)
		}
		s = append(s, h)
	}
	slices.Sort(s)
	if file, err = url.PathUnescape(p.File); err != nil {
		return nil, "", 0, fmt.Errorf("reading the position: %w", err)
	}
	return s, file, p.Offset, nil
}
