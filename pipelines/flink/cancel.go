package flink

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// cancel has Flink end the jobs of a name.
func (c Cluster) cancel(ctx context.Context, name string) error {
	ctx, stop := context.WithTimeout(ctx, answer)
	defer stop()
	var all struct {
		Jobs []struct {
			ID   string `json:"jid"`
			Name string `json:"name"`
		}
	}
	resp, err := c.ask(ctx, http.MethodGet, "/jobs/overview")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		return fmt.Errorf("looking for job %s on %s: %w", name, c.Web, err)
	}
	for _, job := range all.Jobs {
		if job.Name != name {
			continue
		}
		resp, err := c.ask(ctx, http.MethodPatch, "/jobs/"+job.ID+"?mode=cancel")
		if err != nil {
			return err
		}
		resp.Body.Close()
	}
	return nil
}

func (c Cluster) ask(ctx context.Context, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.Web+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err == nil && resp.StatusCode/100 != 2 {
		resp.Body.Close()
		err = fmt.Errorf("%s", resp.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("asking Flink to cancel a job, %s: %w; cancel it on Flink's page", c.Web+path, err)
	}
	return resp, nil
}
