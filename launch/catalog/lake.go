package main

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"adtoorder/io/lake"
	"adtoorder/io/storage"
	"adtoorder/io/table"
	"adtoorder/pipelines/command"
	"adtoorder/pipelines/engine"
)

// agree refuses a format that is not that of the lake's files. A lake that no run
// has written to yet has none.
func agree(l lake.Lake, origin table.Origin) error {
	if origin.Format != "" && origin.Format != l.Format {
		return command.Refuse("lake_format", l.Format, fmt.Sprintf("%s has %s files; give --lake_format %s", l.Dir,
			origin.Format, origin.Format))
	}
	return nil
}

// years returns the years that any dataset has files of, in order, and this year and
// the next one, which the engine may write to before this program runs again. There
// are none where there are no files.
func years(ctx context.Context, s *storage.Storage, l lake.Lake, now time.Time) ([]string, error) {
	found := map[string]bool{}
	for _, dataset := range engine.Datasets() {
		for folder, err := range s.List(ctx, l.Dir+"/"+dataset.Name+"/year=[0-9][0-9][0-9][0-9]/", nil) {
			if err != nil {
				return nil, err
			}
			found[strings.TrimPrefix(path.Base(folder.Name), "year=")] = true
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
