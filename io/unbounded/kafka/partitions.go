package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"adtoorder/io/unbounded"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Partitions implements unbounded.Client. It also notes where partitions end.
func (c *client) Partitions(ctx context.Context) (all []unbounded.Partition, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	at := time.Now()
	ends, err := c.list(ctx, c.admin.ListEndOffsets)
	if err != nil {
		return nil, err
	}
	if c.behind { // what stood there may have been deleted
		if c.starts, err = c.list(ctx, c.admin.ListStartOffsets); err != nil {
			return nil, err
		}
	}
	c.ends, c.listed, c.behind = ends, at, false
	for p := range ends {
		all = append(all, unbounded.Partition{Name: strconv.Itoa(int(p))})
	}
	return all, nil
}

// lister is one of kadm's ways to list offsets.
type lister func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error)

// list returns an offset of each partition.
func (c *client) list(ctx context.Context, which lister) (map[int32]int64, error) {
	var listed kadm.ListedOffsets
	failed := make(chan error, 1)
	go func() {
		var err error
		if listed, err = which(ctx, c.topic); err == nil {
			err = listed.Error()
		}
		failed <- err
	}()
	select {
	case <-ctx.Done(): // which a connection that is being opened does not see
		return nil, fmt.Errorf("the broker does not answer: %w", ctx.Err())
	case err := <-failed:
		if err != nil {
			return nil, err
		}
	}
	offsets := map[int32]int64{}
	listed.Each(func(o kadm.ListedOffset) { offsets[o.Partition] = o.Offset })
	return offsets, nil
}

// Start implements unbounded.Client.
func (c *client) Start(ctx context.Context, partition string) (string, error) {
	p, err := number(partition)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	which := lister(c.admin.ListStartOffsets)
	if c.start > 0 {
		which = func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error) {
			return c.admin.ListOffsetsAfterMilli(ctx, c.start, topics...)
		}
	}
	offsets, err := c.list(ctx, which)
	if err != nil {
		return "", err
	}
	offset, ok := offsets[p]
	if !ok {
		return "", errors.New("the broker does not list it")
	}
	return strconv.FormatInt(offset, 10), nil
}

func number(partition string) (int32, error) {
	n, err := strconv.ParseInt(partition, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no partition", partition)
	}
	return int32(n), nil
}
