package kinesis

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// retryer tries requests of readers again, soon, after errors of the network
// and the service. One that came too often is left to the shard's own pause:
// waiting would hold up all other shards.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxBackoff = time.Second
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(unlessThrottled)}, o.Retryables...)
	})
}

func unlessThrottled(err error) aws.Ternary {
	if throttled(err) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// throttled reports whether a request came too often, or asked for too much.
func throttled(err error) bool {
	return retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}.IsErrorThrottle(err) == aws.TrueTernary
}

// backoff is how long to wait after so many failures in a row before.
func backoff(failures int) time.Duration {
	return min(10*time.Second, 500*time.Millisecond<<min(failures, 10))
}
