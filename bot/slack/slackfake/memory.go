package slackfake

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// inMemory is a transport that calls a handler.
type inMemory struct{ handler http.Handler }

var errDropped = errors.New("EOF")

// RoundTrip calls the handler and returns what it wrote when it is done, or the
// context's error when that ends first.
func (t inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	served := r.Clone(r.Context())
	served.RequestURI, served.RemoteAddr, served.Host = r.URL.RequestURI(), "192.0.2.1:1", r.URL.Host
	if r.Body == nil {
		served.Body = http.NoBody
	}
	w := &recorded{header: http.Header{}, status: http.StatusOK}
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.handler.ServeHTTP(w, served)
	}()
	select {
	case <-done:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if r.Body != nil {
		_ = r.Body.Close() // a RoundTripper must
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dropped {
		return nil, errDropped
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(bytes.NewReader(w.body.Bytes())), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// recorded is what a handler wrote.
type recorded struct {
	mu      sync.Mutex
	header  http.Header
	status  int
	body    bytes.Buffer
	wrote   bool
	dropped bool
}

func (w *recorded) Header() http.Header { return w.header }

func (w *recorded) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.wrote {
		w.status, w.wrote = status, true
	}
}

func (w *recorded) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrote = true
	return w.body.Write(data)
}

// drop lets the call end as one whose connection broke.
func (w *recorded) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dropped = true
}
