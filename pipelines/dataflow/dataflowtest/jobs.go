package dataflowtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	api "google.golang.org/api/dataflow/v1b3"
)

// ended are the states that a job does not leave.
var ended = []string{"JOB_STATE_DONE", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_UPDATED",
	"JOB_STATE_DRAINED"}

func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		s.lock.Lock()
		defer s.lock.Unlock()
		if s.revoked {
			answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant",
				"error_description": "Account has been deleted"})
			return
		}
		answer(w, http.StatusOK, map[string]any{"access_token": Token, "token_type": "Bearer", "expires_in": 3600})
	})
	const jobs = "/v1b3/projects/{project}/locations/{region}/jobs"
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"GET " + jobs:                    s.list,
		"POST " + jobs:                   s.create,
		"GET " + jobs + "/{id}":          s.get,
		"PUT " + jobs + "/{id}":          s.change,
		"GET " + jobs + "/{id}/messages": s.messages,
	} {
		mux.HandleFunc(pattern, s.guarded(handle))
	}
	return mux
}

// guarded answers a request that has the token, unless it is to be refused.
func (s *Service) guarded(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.lock.Lock()
		defer s.lock.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+Token {
			answer(w, http.StatusUnauthorized, nil)
			return
		}
		if refused, ok := s.refuses[r.Method]; ok {
			answer(w, refused.status, refused.body)
			refused.once.Do(func() { close(refused.seen) })
			return
		}
		body, err := handle(r)
		if err != nil {
			answer(w, http.StatusNotFound, map[string]any{"error": map[string]any{"code": http.StatusNotFound,
				"message": err.Error()}})
			return
		}
		answer(w, http.StatusOK, body)
	}
}

// list lists the active jobs, one a page.
func (s *Service) list(r *http.Request) (any, error) {
	var active []*api.Job
	for _, j := range s.jobs {
		if j.ProjectId == r.PathValue("project") && !slices.Contains(ended, j.CurrentState) {
			active = append(active, j)
		}
	}
	page := 0
	_, _ = fmt.Sscan(r.FormValue("pageToken"), &page)
	var answer api.ListJobsResponse
	if page < len(active) {
		answer.Jobs = active[page : page+1]
	}
	if page+1 < len(active) {
		answer.NextPageToken = fmt.Sprint(page + 1)
	}
	return answer, nil
}

func (s *Service) create(r *http.Request) (any, error) {
	var job api.Job
	if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
		return nil, err
	}
	job.Id = fmt.Sprintf("2026-11-01_00_00_00-%d", len(s.jobs)+1)
	job.Location, job.CurrentState = r.PathValue("region"), "JOB_STATE_PENDING"
	s.ahead[job.Id], s.next = s.next, nil
	s.jobs = append(s.jobs, &job)
	return job, nil
}

func (s *Service) find(r *http.Request) (*api.Job, error) {
	for _, j := range s.jobs {
		if j.Id == r.PathValue("id") {
			return j, nil
		}
	}
	return nil, fmt.Errorf("(1): Information about job %s could not be found in our system", r.PathValue("id"))
}

// get returns a job in the next of its states.
func (s *Service) get(r *http.Request) (any, error) {
	job, err := s.find(r)
	if err == nil && len(s.ahead[job.Id]) > 0 {
		job.CurrentState, s.ahead[job.Id] = s.ahead[job.Id][0], s.ahead[job.Id][1:]
	}
	return job, err
}

// change drains a job, which takes it two looks.
func (s *Service) change(r *http.Request) (any, error) {
	job, err := s.find(r)
	if err != nil {
		return nil, err
	}
	var wanted api.Job
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		return nil, err
	}
	job.RequestedState = wanted.RequestedState
	if len(s.ahead[job.Id]) == 0 {
		s.ahead[job.Id] = []string{"JOB_STATE_DRAINING", wanted.RequestedState}
	}
	return job, nil
}

func (s *Service) messages(r *http.Request) (any, error) {
	text := s.errors[r.PathValue("id")]
	if text == "" || r.FormValue("minimumImportance") != "JOB_MESSAGE_ERROR" {
		return api.ListJobMessagesResponse{}, nil
	}
	return api.ListJobMessagesResponse{JobMessages: []*api.JobMessage{{MessageText: "Workflow failed."},
		{MessageText: text}}}, nil
}
