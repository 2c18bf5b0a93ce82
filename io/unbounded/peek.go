package unbounded

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"adtoorder/io/record"
)

const (
	// peekTime is for how long a source is asked for records, and enoughTime for how long it
	// is if there are enough, but none of some partition.
	peekTime   = 10 * time.Second
	enoughTime = time.Second
	// peekPause is how long a source that has given nothing is left alone.
	peekPause = 100 * time.Millisecond
)

// Peek returns what a source has, at most so many records, about as many of each
// partition. Nothing is taken from it: no position is noted, and what it gives again unless
// it is acknowledged, it gives again.
func Peek(ctx context.Context, s Source, most int) ([]record.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, peekTime)
	defer cancel()
	client, err := s.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to %v: %w", s, err)
	}
	defer client.Close()
	p := peek{client: client, most: most, open: map[string]string{}, found: map[string][]record.Record{}}
	if err := p.start(ctx); err != nil {
		return nil, fmt.Errorf("looking into %v: %w", s, err)
	}
	for begun := time.Now(); len(p.open) > 0 && !p.isEnough(time.Since(begun)) && ctx.Err() == nil; {
		had := p.records()
		if err := p.round(ctx); err != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("looking into %v: %w", s, err)
		}
		if p.records() == had {
			time.Sleep(peekPause)
		}
	}
	return p.shares(), nil
}

// peek is a look into a source.
type peek struct {
	client Client
	most   int
	open   map[string]string          // positions, by partitions that may have more
	found  map[string][]record.Record // by partitions
}

// start finds the partitions, and where to begin.
func (p *peek) start(ctx context.Context) error {
	partitions, err := p.client.Partitions(ctx)
	if err != nil {
		return err
	}
	for _, one := range partitions {
		if p.open[one.Name], err = p.client.Start(ctx, one.Name); err != nil {
			return fmt.Errorf("partition %s: %w", one.Name, err)
		}
	}
	return nil
}

// round reads each partition once that may have more.
func (p *peek) round(ctx context.Context) error {
	for partition, position := range p.open {
		b, err := p.client.Read(ctx, partition, position)
		if err != nil {
			return fmt.Errorf("partition %s: %w", partition, err)
		}
		p.open[partition] = b.Next
		all := append(p.found[partition], b.Records...)
		p.found[partition] = all[:min(len(all), p.most)]
		if len(b.Records) == 0 && !b.End.IsZero() || b.Closed || len(all) >= p.most {
			delete(p.open, partition)
		}
	}
	return nil
}

// records returns how many records were found.
func (p *peek) records() (n int) {
	for _, all := range p.found {
		n += len(all)
	}
	return n
}

// isEnough reports whether there is no need to look on.
func (p *peek) isEnough(since time.Duration) bool {
	if p.records() < p.most {
		return false
	}
	for partition := range p.open {
		if len(p.found[partition]) == 0 && since < enoughTime {
			return false
		}
	}
	return true
}

// shares returns as many records as are wanted: of partitions that have few all, of the
// others as many each.
func (p *peek) shares() (all []record.Record) {
	names := slices.SortedFunc(maps.Keys(p.found), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(p.found[a]), len(p.found[b])), cmp.Compare(a, b))
	})
	for i, name := range names {
		share := (p.most - len(all)) / (len(names) - i)
		all = append(all, p.found[name][:min(share, len(p.found[name]))]...)
	}
	return all
}
