package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/table"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/engine"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// agree refuses a format that is not that of the lake's files. A lake that no run
// has written to yet has none.
func agree(l lake.Lake, origin table.Origin) error {
	if origin.Format != "" && origin.Format != l.Format {
		return command.Refuse("lake_format", l.Format, fmt.Sprintf("%s has %s files; give --lake_format %s", l.Dir, origin.Format, origin.Format))
	}
	return nil
}

// s3Lake is a lake in S3, as far as Glue has to know it.
type s3Lake struct {
	lake.Lake
	api *s3.Client
}

// split returns the bucket, and what all names in the lake begin with.
func (l s3Lake) split() (bucket, path string) {
	bucket, path, _ = strings.Cut(strings.TrimPrefix(l.Dir, "s3://"), "/")
	if path != "" {
		path += "/"
	}
	return bucket, path
}

// origin returns what the lake's rows were made from; the zero Origin where there
// are none. It is read here, and not by package lake, since that knows the
// region and the endpoint of the environment alone.
func (l s3Lake) origin(ctx context.Context) (origin table.Origin, err error) {
	bucket, path := l.split()
	object, err := l.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: aws.String(path + ".origin.json")})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return origin, nil
	}
	if err != nil {
		return origin, err
	}
	defer object.Body.Close()
	content, err := io.ReadAll(object.Body)
	if err == nil {
		err = json.Unmarshal(content, &origin)
	}
	return origin, err
}

var yearFolder = regexp.MustCompile(`/year=([0-9]{4})/$`)

// years returns the years that any dataset has files of, in order, and this year and
// the next one, which the engine may write to before this program runs again. There
// are none where there are no files.
func (l s3Lake) years(ctx context.Context, now time.Time) ([]string, error) {
	bucket, path := l.split()
	found := map[string]bool{}
	for _, dataset := range engine.Datasets() {
		listed, err := l.api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket,
			Prefix: aws.String(path + dataset.Name + "/year="), Delimiter: aws.String("/")}) // at most 1,000 of them
		if err != nil {
			return nil, err
		}
		for _, folder := range listed.CommonPrefixes {
			if year := yearFolder.FindStringSubmatch(aws.ToString(folder.Prefix)); year != nil {
				found[year[1]] = true
			}
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	for _, year := range []int{now.UTC().Year(), now.UTC().Year() + 1} {
		found[strconv.Itoa(year)] = true
	}
	return slices.Sorted(maps.Keys(found)), nil
}
