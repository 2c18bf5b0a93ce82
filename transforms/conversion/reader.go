package conversion

import (
	"encoding/binary"
	"errors"

	"adtoorder/transforms/event"
)

// reader reads what encodePartials wrote, and stops at the first error.
type reader struct {
	rest []byte
	free []event.ID // room for all ids that are still to come, from the first list on
	err  error
}

var errShort = errors.New("decoding a partial sum: it ends too early")

func (r *reader) int() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) amounts() (amounts event.Amounts) {
	for _, n := range amounts.Fields() {
		*n = r.int()
	}
	return amounts
}

// The least bytes that ids and partial sums take.
const (
	idSize     = 16
	minPartial = 2
)

// length reads how many things follow that are each of at least so many bytes.
func (r *reader) length(size int) int64 {
	n := r.int()
	if n < 0 || n > int64(len(r.rest)/size) {
		r.fail()
		return 0
	}
	return n
}

func (r *reader) fail() { r.rest, r.err = nil, errShort }

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// name reads a promotion, the same string each time.
func (r *reader) name(names map[string]string) string {
	n := r.length(1)
	text := r.rest[:n]
	r.rest = r.rest[n:]
	name, ok := names[string(text)]
	if !ok {
		name = string(text)
		names[name] = name
	}
	return name
}

func (r *reader) ids(n int64) []event.ID {
	if n == 0 {
		return nil
	}
	if n > int64(len(r.rest)/idSize) { // the list before took them
		r.fail()
		return nil
	}
	if len(r.free) == 0 {
		r.free = make([]event.ID, len(r.rest)/idSize)
	}
	ids := r.free[:n:n]
	r.free = r.free[n:]
	for i := range ids {
		ids[i] = r.id()
	}
	return ids
}

func (r *reader) id() event.ID {
	if len(r.rest) < idSize {
		r.fail()
		return event.ID{}
	}
	id := event.ID{High: binary.BigEndian.Uint64(r.rest), Low: binary.BigEndian.Uint64(r.rest[8:])}
	r.rest = r.rest[idSize:]
	return id
}
