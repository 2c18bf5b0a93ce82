// Package web serves the dashboard: one page whose sections a script renews,
// drawings, downloads and a JSON interface. All is rendered here, on the server,
// from one snapshot of the warehouse.
package web

import (
	"context"
	"embed"
	"io/fs"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"adtoorder/launch/dashboard/query"

	"github.com/klauspost/compress/gzhttp" // of a module that is here anyway
)

//go:embed assets
var assets embed.FS

// policy allows what comes from here alone: no inline script and no inline style.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Server serves the dashboard of a warehouse.
type Server struct {
	name     string // of the warehouse, its URI
	snapshot *snapshot
	views    views
}

// New makes a server that follows a warehouse until ctx ends.
func New(ctx context.Context, name string, w *query.Warehouse) *Server {
	s := &Server{name: name, snapshot: &snapshot{warehouse: w}}
	go s.snapshot.follow(ctx)
	return s
}

// Handler returns what answers requests, GET and HEAD alone. Where local is set,
// requests have to name this machine as their host: a page elsewhere can't have
// a browser read this one under a name of its own.
func (s *Server) Handler(local bool) (http.Handler, error) {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/assets/", http.StripPrefix("/assets/", http.FileServerFS(files)))
	mux.HandleFunc("/{$}", s.page)
	mux.HandleFunc("/sections", s.sections)
	mux.HandleFunc("/chart/{file}", s.drawing)
	mux.HandleFunc("/table/{file}", s.table)
	mux.HandleFunc("/api/{what}", s.api)
	return guard(gzhttp.GzipHandler(mux), local), nil
}

// guard refuses what is no reading, and says what a browser may do with the rest.
func guard(next http.Handler, local bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache") // asked again, and answered 304 where nothing changed
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "This page can only be read: GET or HEAD.", http.StatusMethodNotAllowed)
		case local && !isLocal(r.Host):
			http.Error(w, "This page is served to localhost; to serve it to others, name their "+
				"address: --listen HOST:PORT.",
				http.StatusMisdirectedRequest)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isLocal tells whether a Host header names this machine to itself.
func isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Serve answers on a listener until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	address, _ := l.Addr().(*net.TCPAddr)
	handler, err := s.Handler(address != nil && address.IP.IsLoopback())
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.Default()}
	stopped := context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			server.Close()
		}
	})
	defer stopped()
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}
