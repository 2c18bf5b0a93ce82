package dataflow

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	api "google.golang.org/api/dataflow/v1b3"
)

// recorded has a submission be Beam's dry run, which writes the job that it would
// submit to the log (2.77), and returns that job.
func recorded(submit func() error) (*api.Job, error) {
	was := flag.Lookup("dry_run").Value.String()
	if err := flag.Set("dry_run", "true"); err != nil {
		return nil, err
	}
	var r recorder
	log.SetLogger(&r)
	err := submit()
	log.SetLogger(&log.Structural{})
	if err := flag.Set("dry_run", was); err != nil {
		return nil, err
	}
	switch {
	case err != nil:
		return nil, errors.New(oneLine(err.Error()))
	case r.job == nil:
		return nil, errors.New("Beam's dry run has not shown the job")
	}
	return r.job, nil
}

// recorder is a log that keeps the job.
type recorder struct{ job *api.Job }

// Log implements log.Logger.
func (r *recorder) Log(_ context.Context, _ log.Severity, _ int, text string) {
	var job api.Job
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &job) == nil && job.Environment != nil {
		r.job = &job
	}
}
