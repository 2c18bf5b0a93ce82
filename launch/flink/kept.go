package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"adtoorder/pipelines/flink"
)

// kept is what a job runs with. It stands beside the job's worker, in its
// savepoints, and under its id.
type kept struct {
	Folder string   // that relative paths among the flags mean
	Flags  []string // of pipelines/conversions
}

// keptFile is the name of the file in a job's folder, and in a savepoint.
const keptFile = "conversions.json"

// byID is the file under the id that Flink gave to a job, which the paths of its
// checkpoints hold. It outlives the cluster, as they do.
func byID(c flink.Cluster, id string) string { return filepath.Join(c.Dir, "flags", id+".json") }

func (k kept) write(file string) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

func readKept(file string) (k kept, err error) {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		return k, fmt.Errorf("reading the flags that the job ran with: %w", err)
	}
	return k, nil
}

// ranWith returns what the job ran with that a savepoint or checkpoint is of: a
// path, or a URL of a place that all of the cluster reaches.
func ranWith(c flink.Cluster, savepoint string) (k kept, err error) {
	if k, err = readKept(filepath.Join(savepoint, keptFile)); err == nil {
		return k, nil
	}
	job, _ := filepath.Split(strings.TrimRight(savepoint, "/")) // …/<id>/chk-<number>
	return readKept(byID(c, filepath.Base(job)))
}
