package kinesis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// isGone reports whether a shard has expired, given why it can't be read. A stream
// that is gone has no listing.
func (c *client) isGone(partition string, err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing) && c.listed != nil && !c.listed[partition]
}

// get reads on from a position. Iterators expire after five minutes.
func (c *client) get(ctx context.Context, s *shard, partition, position string) (*kinesis.GetRecordsOutput, error) {
	fresh := s.iterator == nil || s.position != position
	if fresh {
		in, err := c.iteratorAt(partition, position)
		if err != nil {
			return nil, err
		}
		out, err := c.api.GetShardIterator(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("looking for position %q of stream %s: %w", position, c.stream, err)
		}
		s.iterator, s.position = out.ShardIterator, position
	}
	s.called = time.Now()
	out, err := c.api.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: s.iterator, Limit: aws.Int32(batch)})
	var expired *types.ExpiredIteratorException
	if errors.As(err, &expired) && !fresh {
		s.iterator = nil
		return c.get(ctx, s, partition, position)
	}
	if err != nil {
		return nil, fmt.Errorf("reading stream %s behind position %q: %w", c.stream, position, err)
	}
	return out, nil
}

func (c *client) iteratorAt(partition, position string) (*kinesis.GetShardIteratorInput, error) {
	in := &kinesis.GetShardIteratorInput{StreamName: &c.stream, ShardId: &partition}
	switch at, isTime := strings.CutPrefix(position, "@"); {
	case isTime:
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("position %q holds no time", position)
		}
		in.ShardIteratorType, in.Timestamp = types.ShardIteratorTypeAtTimestamp, aws.Time(time.UnixMilli(ms))
	case position == "":
		in.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	default:
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &position
	}
	return in, nil
}
