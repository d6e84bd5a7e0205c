package slackfake

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// Fault is what a method answers instead of working.
type Fault struct {
	// Status, Header and Body are the answer. Status 0 is 200.
	Status int
	Header http.Header
	Body   string
	// Store lets the method do its work before it answers like this: the post
	// is in the room although the caller is told otherwise.
	Store bool
	// Drop closes the connection instead of answering.
	Drop bool
	// Hold, where it is set, delays the answer until it is closed.
	Hold <-chan struct{}
}

// Fail lets the next calls of a method have these faults, one each. The method
// "response_url" stands for all response addresses.
func (s *Server) Fail(method string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[method] = append(s.faults[method], faults...)
}

// APIError is a fault that answers {"ok":false,"error":code}.
func APIError(code string) Fault {
	return Fault{Body: fmt.Sprintf(`{"ok":false,"error":%q}`, code)}
}

// RateLimited is a fault that answers 429. docs.slack.dev/apis/web-api/rate-limits.
func RateLimited(seconds int) Fault {
	return Fault{
		Status: http.StatusTooManyRequests, Body: `{"ok":false,"error":"ratelimited"}`,
		Header: http.Header{"Retry-After": {strconv.Itoa(seconds)}},
	}
}

// takeFault takes the next fault of a method.
func (s *Server) takeFault(method string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.faults[method]
	if len(queue) == 0 {
		return Fault{}, false
	}
	s.faults[method] = queue[1:]
	return queue[0], true
}

// fail answers with a fault.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f Fault) {
	if f.Hold != nil {
		select {
		case <-f.Hold:
		case <-s.closed:
		case <-r.Context().Done():
		}
	}
	if f.Drop {
		if dropper, ok := w.(interface{ drop() }); ok {
			dropper.drop()
		}
		if hijacker, ok := w.(http.Hijacker); ok {
			if conn, _, err := hijacker.Hijack(); err == nil {
				_ = conn.Close() // that is the fault
			}
		}
		return
	}
	maps.Copy(w.Header(), f.Header)
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(max(f.Status, http.StatusOK))
	_, _ = w.Write([]byte(f.Body)) // the client may be gone
}
