package kinesis

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// fake answers as AWS does where kinesalite never does: it throttles, lets
// iterators expire and has readers lag behind.
type fake struct {
	reader
	pages     map[string]*kinesis.ListShardsOutput // by the token that asks for them
	iterators []*kinesis.GetShardIteratorInput     // that were asked for
	reads     []string                             // iterators that were read
	answers   []any                                // to GetRecords, one after another: an answer, or an error
	refuse    error                                // the answer to GetShardIterator
}

func (f *fake) ListShards(_ context.Context, in *kinesis.ListShardsInput,
	_ ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	if (in.StreamName == nil) == (in.NextToken == nil) {
		return nil, errors.New("must be a name or a token")
	}
	if page := f.pages[aws.ToString(in.NextToken)]; page != nil {
		return page, nil
	}
	return nil, &types.LimitExceededException{}
}

func (f *fake) GetShardIterator(_ context.Context, in *kinesis.GetShardIteratorInput,
	_ ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error) {
	f.iterators = append(f.iterators, in)
	if f.refuse != nil {
		return nil, f.refuse
	}
	return &kinesis.GetShardIteratorOutput{ShardIterator: aws.String("new")}, nil
}

func (f *fake) GetRecords(_ context.Context, in *kinesis.GetRecordsInput,
	_ ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error) {
	f.reads = append(f.reads, *in.ShardIterator)
	if aws.ToInt32(in.Limit) != 10_000 {
		return nil, errors.New("must be the limit of AWS")
	}
	if len(f.answers) == 0 {
		return answer("more", 0), nil
	}
	next := f.answers[0]
	f.answers = f.answers[1:]
	if err, ok := next.(error); ok {
		return nil, err
	}
	return next.(*kinesis.GetRecordsOutput), nil
}

// answer returns records with sequence numbers, which arrived in the year 2000.
func answer(next string, behind int64, sequences ...string) *kinesis.GetRecordsOutput {
	out := &kinesis.GetRecordsOutput{MillisBehindLatest: &behind}
	if next != "" {
		out.NextShardIterator = &next
	}
	for _, sequence := range sequences {
		out.Records = append(out.Records, types.Record{
			SequenceNumber: &sequence, Data: []byte("data " + sequence),
			ApproximateArrivalTimestamp: aws.Time(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)),
		})
	}
	return out
}

func (f *fake) client() *client {
	return &client{stream: "clicks", api: f, shards: map[string]*shard{}}
}
