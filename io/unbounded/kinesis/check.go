package kinesis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Check reports in one line why the stream can't be read, if it can't: whether its shards can be
// listed, and one of them read and decrypted.
func (s Source) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	api, shard, err := s.newest(ctx)
	if err != nil {
		return err
	}
	if err := s.try(ctx, api, shard); !throttled(err) { // others read it
		return s.explain(err)
	}
	return nil
}

// Reach reports why the stream can't be found, if it can't, for who only writes to it.
func (s Source) Reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	_, _, err := s.newest(ctx)
	return err
}

// newest returns a client, and an open shard.
func (s Source) newest(ctx context.Context) (api *kinesis.Client, shard *string, err error) {
	api, err = s.open(ctx, func(o *kinesis.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		return nil, nil, err
	}
	if _, err := api.Options().Credentials.Retrieve(ctx); err != nil {
		return nil, nil, fmt.Errorf("stream %s: no AWS credentials are found (AWS_ACCESS_KEY_ID and "+
			"AWS_SECRET_ACCESS_KEY, a profile, a role): %s", s.Stream, firstLine(err.Error()))
	}
	open, err := api.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &s.Stream,
		ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}})
	if err != nil {
		return nil, nil, s.explain(err)
	}
	if len(open.Shards) == 0 {
		return nil, nil, fmt.Errorf("stream %s has no shard yet", s.Stream)
	}
	return api, open.Shards[0].ShardId, nil
}

// try reads what is newest in a shard.
func (s Source) try(ctx context.Context, api reader, shard *string) error {
	at, err := api.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{StreamName: &s.Stream, ShardId: shard,
		ShardIteratorType: types.ShardIteratorTypeLatest})
	if err != nil {
		return err
	}
	_, err = api.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: at.ShardIterator, Limit: aws.Int32(1)})
	return err
}

// explain makes a line of what went wrong. The SDK's own errors tell of
// attempts, request numbers and more, and some messages have many lines.
func (s Source) explain(err error) error {
	var (
		missing *types.ResourceNotFoundException
		refused smithy.APIError
		unsent  *smithyhttp.RequestSendError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		return fmt.Errorf("stream %s is not there: %s", s.Stream, firstLine(missing.ErrorMessage()))
	case errors.As(err, &refused):
		return fmt.Errorf("stream %s: the request is refused, %s: %s", s.Stream, refused.ErrorCode(),
			firstLine(refused.ErrorMessage()))
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("stream %s: no answer in time: %w", s.Stream, context.DeadlineExceeded)
	case errors.As(err, &unsent):
		return fmt.Errorf("stream %s: the endpoint can't be reached: %w", s.Stream, unsent.Err)
	}
	return fmt.Errorf("stream %s: %s", s.Stream, firstLine(err.Error()))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
