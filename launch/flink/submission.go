package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"adtoorder/pipelines/flink"
)

// submission is what a job runs with. It is kept beside the job's worker, in its
// savepoints, and under its id.
type submission struct {
	Folder string   // that relative paths among the flags mean
	Flags  []string // of pipelines/conversions
}

// submissionFile is the name of the file in a job's folder, and in a savepoint.
const submissionFile = "conversions.json"

// fileOfJob is the file of a submission under the id that Flink gave to its job,
// which the paths of its checkpoints hold. It outlives the cluster, as they do.
func fileOfJob(c flink.Cluster, id string) string { return filepath.Join(c.Dir, "flags", id+".json") }

func (s submission) write(file string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

func readSubmission(file string) (s submission, err error) {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, fmt.Errorf("reading the flags that the job ran with: %w", err)
	}
	return s, nil
}

// findSubmission returns what the job of a savepoint or checkpoint ran with, which
// is a path, or a URL of a place that all of the cluster reaches.
func findSubmission(c flink.Cluster, savepoint string) (s submission, err error) {
	if s, err = readSubmission(filepath.Join(savepoint, submissionFile)); err == nil {
		return s, nil
	}
	job, _ := filepath.Split(strings.TrimRight(savepoint, "/")) // …/<id>/chk-<number>
	return readSubmission(fileOfJob(c, filepath.Base(job)))
}
