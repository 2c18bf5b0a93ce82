package flink

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// DefaultEndpoint is where the job server of a cluster on this machine listens.
const DefaultEndpoint = "localhost:8099"

// Cluster is a cluster on this machine that launch/flink has started. Its
// workers see this machine's files.
type Cluster struct {
	Endpoint     string // the job server's host:port
	Web          string // address of Flink's web page and REST interface, http://host:port
	Dir          string // its folder: configuration, logs, checkpoints, savepoints
	TaskManagers int
	Slots        int // of each TaskManager
	RPCPort      int // where TaskManagers find the JobManager
}

// Root returns the folder of all that launch/flink keeps, in the user's cache
// directory.
func Root() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("looking for a place for Flink: %w", err)
	}
	return filepath.Join(cache, "adtoorder", "flink"), nil
}

// ClusterDir returns the folder of the cluster whose job server listens at an
// endpoint.
func ClusterDir(endpoint string) (string, error) {
	root, err := Root()
	return filepath.Join(root, "clusters", strings.ReplaceAll(endpoint, ":", "-")), err
}

// description is the file that describes a cluster, in its folder, for as long
// as it is up.
const description = "cluster.json"

// Find returns the cluster whose job server listens at an endpoint, if
// launch/flink has started one there.
func Find(endpoint string) (c Cluster, found bool, err error) {
	dir, err := ClusterDir(endpoint)
	if err != nil {
		return c, false, err
	}
	text, err := os.ReadFile(filepath.Join(dir, description))
	if os.IsNotExist(err) {
		return c, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return c, false, fmt.Errorf("reading what cluster is at %s: %w; make it anew: go run ./launch/flink down, "+
			"then up", endpoint, err)
	}
	return c, true, nil
}

// Save describes the cluster for Find.
func (c Cluster) Save() error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	file := filepath.Join(c.Dir, description)
	if err := os.WriteFile(file+".tmp", text, 0o644); err != nil {
		return fmt.Errorf("describing the cluster: %w", err)
	}
	return os.Rename(file+".tmp", file)
}

// Forget removes the description.
func (c Cluster) Forget() error { return os.Remove(filepath.Join(c.Dir, description)) }
