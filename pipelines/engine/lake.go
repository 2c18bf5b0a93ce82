package engine

import (
	"context"
	"regexp"
)

// hasScheme tells what is meant as a URI from a local path. What Beam would take
// for a URI's query, fragment or escape can't be in the name of a folder in a bucket.
var (
	hasScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)
	inBucket  = regexp.MustCompile(`^(gs|s3)://[A-Za-z0-9][A-Za-z0-9._-]*(/[^#%?\s]*)?$`)
)

// before sums up the rows that stay, of other input. A live run only wants to know
// whether it goes on with another's: a lake of months takes long to read.
func (o Options) before(ctx context.Context) (s Summary, goesOn bool, err error) {
	switch {
	case o.Detached:
	case o.Live():
		goesOn, err = o.Lake.Has(ctx, ledgerDataset)
	case o.Replace:
		s, err = summarize(ctx, o.Lake)
	}
	return s, goesOn, err
}
