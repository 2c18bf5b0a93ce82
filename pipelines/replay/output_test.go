package main

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

func TestFilesAreWhole(t *testing.T) {
	plainOne, own := of("clicks", "/in/c", "5", "{\"a\":\n1}"), of("clicks", "/in/c", "40", `{"EventId":"E1"}`)
	broken := of("clicks", "/in/c", "60", "no\r\nJSON \xff")
	in := stores(t, plainOne, own, broken)["parquet"]
	want := `{"a": 1,"EventId":"` + idOf(plainOne) + `"}` + "\n" + `{"EventId":"E1"}` + "\n" + "no  JSON \xff\n"
	dir := t.TempDir()
	for _, name := range []string{"replay.jsonl", "replay.jsonl.gz"} {
		t.Run(name, func(t *testing.T) {
			file := dir + "/" + name
			require.NoError(t, os.WriteFile(file, []byte("of before, and longer"+strings.Repeat(".", 1000)), 0o600))
			assert.Equal(t, "replay: 3 payloads written to "+file+" (3 no_timestamp)\n",
				runOn(t, "clicks", append(in, "--out", file)...))
			first := content(t, file)
			text := first
			if strings.HasSuffix(name, ".gz") {
				z, err := gzip.NewReader(strings.NewReader(first))
				require.NoError(t, err)
				plain, err := io.ReadAll(z)
				require.NoError(t, err)
				text = string(plain)
			}
			assert.Equal(t, want, text)
			runOn(t, "clicks", append(in, "--out", file)...)
			assert.Equal(t, first, content(t, file), "the same each time")
			info, err := os.Stat(file)
			require.NoError(t, err)
			assert.Equal(t, fs.FileMode(0o644), info.Mode())
		})
	}
	left, err := filepath.Glob(dir + "/*")
	require.NoError(t, err)
	hidden, err := filepath.Glob(dir + "/.*")
	require.NoError(t, err)
	assert.Len(t, left, 2)
	assert.Empty(t, hidden)

	_, stdout, stderr := runWith(append(in, "--stream=clicks", "--out=-")...)
	assert.Equal(t, want, stdout)
	assert.Equal(t, "replay: 3 payloads written to standard output (3 no_timestamp)\n", stderr)
}

func TestAFailureLeavesNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(dir+"/r.jsonl", 0o755)) // which no file can replace
	require.Error(t, toFile(dir+"/r.jsonl", nil))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWritingThatFailsIsStatusOne(t *testing.T) {
	in := jsonl(t, of("clicks", "/in/c", "5", "{}"))
	dir := t.TempDir()
	status, stdout, stderr := runWith(append(in, "--stream=clicks", "--out", dir+"/none/r.jsonl")...)
	assert.Equal(t, 1, status)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "replay: writing to "+dir+"/none/r.jsonl: ")
	assert.Equal(t, 1, strings.Count(stderr, "\n"))

	var errs strings.Builder
	assert.Equal(t, 1, run(append(in, "--stream=clicks", "--out=-"), full{}, &errs))
	assert.Equal(t, "replay: writing to standard output: no space left\n", errs.String())
	errs.Reset()
	assert.Equal(t, 1, run(append(in, "--stream=clicks", "--out", dir+"/r.jsonl"), full{}, &errs),
		"the report can't be written")
	assert.Equal(t, "replay: no space left\n", errs.String())
}

// topicOf returns the address of a broker in this process that has a topic.
func topicOf(t *testing.T, topic string) string {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, topic))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}

// messages reads a number of messages of a topic.
func messages(t *testing.T, broker, topic string, n int) (all []*kgo.Record) {
	t.Helper()
	consumer, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(topic))
	require.NoError(t, err)
	defer consumer.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(all) < n {
		fetches := consumer.PollFetches(ctx)
		require.NoError(t, fetches.Err())
		all = append(all, fetches.Records()...)
	}
	return all
}

func TestATopicGetsThePayloads(t *testing.T) {
	in := jsonl(t,
		of("orders", "/in/o", "40", "no\nJSON"), of("orders", "/in/o", "7", "{\n}"),
		of("orders", "/in/o", "100", `{"OrderId":"O1"}`),
		of("orders", "/in/p", "0", "{}"))
	broker := topicOf(t, "again")
	uri := "kafka://" + broker + "/again"
	before := time.Now().Add(-time.Second)
	assert.Equal(t, "replay: 4 payloads written to "+uri+" (4 no_timestamp)\n",
		runOn(t, "orders", append(in, "--out", uri)...))
	got := map[string][]string{}
	for _, m := range messages(t, broker, "again", 4) {
		got[string(m.Key)] = append(got[string(m.Key)], string(m.Value))
		assert.True(t, m.Timestamp.After(before), "not of the reject's time")
	}
	assert.Equal(t, map[string][]string{
		"/in/o": {"{\n" + `"OrderId":"` + idOf(of("orders", "/in/o", "7", "")) + `"}`, "no\nJSON", `{"OrderId":"O1"}`},
		"/in/p": {`{"OrderId":"` + idOf(of("orders", "/in/p", "0", "")) + `"}`},
	}, got)
}

func TestATopicThatIsNotThere(t *testing.T) {
	in := jsonl(t, of("clicks", "/in/c", "5", "{}"))
	broker := topicOf(t, "another")
	for uri, want := range map[string]string{
		"kafka://" + broker + "/again": "UNKNOWN_TOPIC_OR_PARTITION",
		"kafka://127.0.0.1:1/clicks":   "connection refused",
	} {
		t.Run(want, func(t *testing.T) {
			status, stdout, stderr := runWith(append(in, "--stream=clicks", "--out", uri)...)
			assert.Equal(t, 1, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, "replay: writing to "+uri+": ")
			assert.Contains(t, stderr, want)
			assert.Equal(t, 1, strings.Count(stderr, "\n"))
		})
	}
}
