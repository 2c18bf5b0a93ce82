package flink

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAJobRunsWhenNoTaskWaitsForASlot(t *testing.T) {
	for tasks, running := range map[string]bool{
		`{"total":4,"running":4}`:                                 true,
		`{"total":9,"created":6,"running":2,"finished":1}`:        true, // a batch in its second stage
		`{"total":9,"created":9}`:                                 false,
		`{"total":4,"running":2,"scheduled":2}`:                   false,
		`{"total":4,"running":3,"initializing":1}`:                false,
		`{"total":4,"running":3,"deploying":1}`:                   false,
		`{"total":4,"created":0,"running":0,"finished":4}`:        true,
		`{"total":4,"created":0,"running":0,"reconciling":4}`:     false,
		`{"total":9,"created":0,"running":0,"scheduled":9}`:       false,
		`{"total":9,"created":7,"running":0,"finished":2,"x":{}}`: true,
	} {
		t.Run(tasks, func(t *testing.T) {
			var j JobStatus
			require.NoError(t, json.Unmarshal([]byte(`{"state":"RUNNING","tasks":`+tasks+`}`), &j))
			assert.Equal(t, running, j.Running())
			j.State = "RESTARTING"
			assert.False(t, j.Running())
		})
	}
}

func TestFlinksErrorsAreOneLine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte(`{"errors":["Not found.","org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job\n\tat a.B(B.java:1)"]}`))
	}))
	defer server.Close()
	_, err := REST(server.URL).Checkpoints(t.Context(), "x")
	assert.EqualError(t, err, "asking Flink for /jobs/x/checkpoints: 404 Not Found: Could not find Flink job")
}
