package folder

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
)

// position is how far a source was read, as checkpoints keep it. The empty text
// stands for nothing at all.
type position struct {
	Read   []byte   `json:"read,omitempty"`   // hashes of the paths that were read, 8 bytes each, big endian
	File   string   `json:"file,omitempty"`   // the path that is being read, escaped: it may be no UTF-8
	Offset int64    `json:"offset,omitempty"` // bytes of its uncompressed text that were read
	Seen   []string `json:"seen,omitempty"`   // in older checkpoints, hashes of paths that were read, base 36
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
		p.Read = binary.BigEndian.AppendUint64(p.Read, h)
	}
	if len(p.Read) == 0 && p.File == "" {
		return ""
	}
	text, _ := json.Marshal(p) // of text and a number
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
	if len(p.Read)%8 != 0 {
		return nil, "", 0, errors.New("reading the position: a hash is cut")
	}
	for h := range slices.Chunk(p.Read, 8) {
		s = append(s, binary.BigEndian.Uint64(h))
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
