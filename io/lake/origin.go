package lake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"adtoorder/io/storage"
	"adtoorder/io/table"
)

// firstLook is how long a bucket may take to answer before a run begins.
var firstLook = 8 * time.Second

func (l Lake) originFile() string { return l.Dir + "/.origin.json" }

// Origin returns what the lake's rows were made from; the zero Origin where
// there are none. A bucket that can't be reached is an error within seconds.
func (l Lake) Origin(ctx context.Context) (table.Origin, error) {
	var s storage.Storage
	defer s.Close()
	return l.OriginIn(ctx, &s)
}

// OriginIn does what Origin does, by a storage of one's own.
func (l Lake) OriginIn(ctx context.Context, s *storage.Storage) (origin table.Origin, err error) {
	ctx, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	content, err := s.Read(ctx, l.originFile())
	if err != nil || content == nil {
		return origin, err
	}
	if err := json.Unmarshal(content, &origin); err != nil {
		return origin, fmt.Errorf("reading %s: %w", l.originFile(), err)
	}
	return origin, nil
}

// SetOrigin remembers what the lake's rows are made from.
func (l Lake) SetOrigin(ctx context.Context, origin table.Origin) error {
	content, err := json.MarshalIndent(origin, "", "  ")
	if err != nil {
		return err
	}
	var s storage.Storage
	defer s.Close()
	return s.Update(ctx, l.originFile(), func([]byte) ([]byte, error) { return append(content, '\n'), nil })
}
