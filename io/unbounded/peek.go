package unbounded

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/record"
)

const (
	// peekTime is for how long a source is asked for records.
	peekTime = 10 * time.Second
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
	p := peek{client: client, at: map[string]string{}}
	if err := p.start(ctx); err != nil {
		return nil, fmt.Errorf("looking into %v: %w", s, err)
	}
	for len(p.at) > 0 && len(p.records) < most && ctx.Err() == nil {
		had := len(p.records)
		if err := p.round(ctx, most); err != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("looking into %v: %w", s, err)
		}
		if len(p.records) == had {
			time.Sleep(peekPause)
		}
	}
	return p.records, nil
}

// peek is a look into a source.
type peek struct {
	client  Client
	at      map[string]string // positions, by partitions that may have more
	records []record.Record
}

// start finds the partitions, and where to begin.
func (p *peek) start(ctx context.Context) error {
	partitions, err := p.client.Partitions(ctx)
	if err != nil {
		return err
	}
	for _, one := range partitions {
		if p.at[one.Name], err = p.client.Start(ctx, one.Name); err != nil {
			return fmt.Errorf("partition %s: %w", one.Name, err)
		}
	}
	return nil
}

// round reads each partition once.
func (p *peek) round(ctx context.Context, most int) error {
	share := 1 + (most-len(p.records)-1)/len(p.at)
	for partition, position := range p.at {
		b, err := p.client.Read(ctx, partition, position)
		if err != nil {
			return fmt.Errorf("partition %s: %w", partition, err)
		}
		p.at[partition] = b.Next
		p.records = append(p.records, b.Records[:min(len(b.Records), share, most-len(p.records))]...)
		if len(b.Records) == 0 && !b.End.IsZero() || b.Closed {
			delete(p.at, partition)
		}
	}
	return nil
}
