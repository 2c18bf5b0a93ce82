package web

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"

	"adtoorder/launch/dashboard/report"
)

// asked returns what a request asks for, and its memory. Where it asks for what is
// none, or there is an error, it answers, and ok is false.
func (s *Server) asked(w http.ResponseWriter, r *http.Request) (v rendering, p *pending, ok bool) {
	q := r.URL.Query()
	f, err := report.ParseFilter(q)
	if err != nil {
		http.Error(w, "This link can't be used: "+err.Error(), http.StatusBadRequest)
		return v, nil, false
	}
	p, err = s.view(r.Context(), f)
	if err != nil {
		http.Error(w, "Reading the warehouse failed: "+err.Error(), http.StatusServiceUnavailable)
		return v, nil, false
	}
	return rendering{p.view, width(q)}, p, true
}

// answer sends a content, unless the browser has it.
func answer(w http.ResponseWriter, r *http.Request, kind string, content []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("ETag", etag(content))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// failed answers where rendering failed.
func failed(w http.ResponseWriter, err error) {
	http.Error(w, "This page has a fault: "+err.Error(), http.StatusInternalServerError)
}

// page answers with the whole page.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	v, _, ok := s.asked(w, r)
	if !ok {
		return
	}
	sections, err := v.sections()
	if err != nil {
		failed(w, err)
		return
	}
	of := map[string]template.HTML{}
	for name, text := range sections {
		of[name] = template.HTML(text) // rendered by a template, which has escaped it
	}
	var b bytes.Buffer
	err = pages.ExecuteTemplate(&b, "page", struct {
		rendering
		Sections map[string]template.HTML
	}{v, of})
	if err != nil {
		failed(w, err)
		return
	}
	answer(w, r, "text/html; charset=utf-8", b.Bytes())
}

// sections answers with the parts that the page's script renews.
func (s *Server) sections(w http.ResponseWriter, r *http.Request) {
	v, p, ok := s.asked(w, r)
	if !ok {
		return
	}
	text, err := p.rendered(v.Width)
	if err != nil {
		failed(w, err)
		return
	}
	answer(w, r, "application/json", text)
}

func sendJSON(w http.ResponseWriter, r *http.Request, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		failed(w, err)
		return
	}
	answer(w, r, "application/json", text)
}

// drawing answers with a chart as a file.
func (s *Server) drawing(w http.ResponseWriter, r *http.Request) {
	name, kind := split(r.PathValue("file"))
	draw := charts[name]
	if draw == nil || kind != ".svg" && kind != ".png" {
		http.NotFound(w, r)
		return
	}
	v, _, ok := s.asked(w, r)
	if !ok {
		return
	}
	drawing, err := draw(v.view, v.Width)
	var content []byte
	if err == nil && kind == ".svg" {
		content, err = drawing.SVG()
	} else if err == nil {
		content, err = drawing.PNG()
	}
	if err != nil {
		failed(w, err)
		return
	}
	attach(w, v, name+kind)
	answer(w, r, map[string]string{".svg": "image/svg+xml", ".png": "image/png"}[kind], content)
}

func split(file string) (name, kind string) {
	kind = path.Ext(file)
	return strings.TrimSuffix(file, kind), kind
}

// attach has the browser save a content as a file.
func attach(w http.ResponseWriter, v rendering, name string) {
	name, kind := split(name)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+"-"+v.From+"-"+v.To+kind+`"`)
}

// api answers with the numbers.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	what := r.PathValue("what")
	if what != "report" && what != "timeline" {
		http.Error(w, "There are /api/report and /api/timeline.", http.StatusNotFound)
		return
	}
	v, _, ok := s.asked(w, r)
	switch {
	case !ok:
	case v.Problem != nil:
		http.Error(w, v.Problem.Error(), http.StatusServiceUnavailable)
	case what == "timeline":
		sendJSON(w, r, v.Timeline)
	default:
		sendJSON(w, r, v.Report)
	}
}
