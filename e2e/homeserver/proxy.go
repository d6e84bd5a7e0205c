package homeserver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Proxy stands between the bot and the homeserver. It keeps all that crosses it,
// and goes wrong as it is told.
type Proxy struct {
	// URL is its address.
	URL string

	server *http.Server

	mu      sync.Mutex
	target  *url.URL
	crossed bytes.Buffer
	faults  []*Fault
	calls   map[string]int
	cut     chan struct{} // closed when hanging requests are to end
	ahead   time.Duration // of the homeserver's clock, as the client sees it
	arrived []string      // paths of requests that arrived although their answers did not
	more    *sync.Cond
}

// Fault is something that goes wrong.
type Fault struct {
	// Method and Path say of which requests: "PUT", and what is in the path.
	Method, Path string
	// Times is how often; for ever when negative.
	Times int
	// Status is what the client gets instead of the answer; where it is 0, its
	// connection is cut.
	Status int
	// Header and Body go with it.
	Header, Body string
	// Arrives lets the request reach the homeserver all the same.
	Arrives bool
	// Hangs keeps the client waiting for so long before that.
	Hangs time.Duration
	// Slow lets the request through after so long, and nothing else goes wrong.
	Slow time.Duration
}

// NewProxy starts a proxy before the homeserver at an address.
func NewProxy(ctx context.Context, target string) (*Proxy, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p := &Proxy{URL: "http://" + listener.Addr().String(), target: to, calls: map[string]int{}, cut: make(chan struct{})}
	p.more = sync.NewCond(&p.mu)
	p.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: p.handler()}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

// Close ends the proxy.
func (p *Proxy) Close() { _ = p.server.Close() }

// Break adds a fault; earlier ones come first.
func (p *Proxy) Break(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
}

// Heal takes all faults away.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// Cut ends the connections of all clients.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.cut)
	p.cut = make(chan struct{})
}

// Crossed returns all bodies that have crossed the proxy, in both directions,
// and the paths that were asked for.
func (p *Proxy) Crossed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crossed.String()
}

// Ahead lets the client see a homeserver whose clock is ahead by so much, or behind
// where it is negative.
func (p *Proxy) Ahead(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ahead = by
}

var originTime = regexp.MustCompile(`"origin_server_ts":\d+`)

// dated returns what the homeserver says as its clock would have dated it.
func (p *Proxy) dated(header http.Header, body []byte) []byte {
	p.mu.Lock()
	ahead := p.ahead
	p.mu.Unlock()
	if ahead == 0 {
		return body
	}
	header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	body = originTime.ReplaceAllFunc(body, func(field []byte) []byte {
		name, at, _ := bytes.Cut(field, []byte(":"))
		ms, _ := strconv.ParseInt(string(at), 10, 64)
		return fmt.Appendf(nil, "%s:%d", name, ms+ahead.Milliseconds())
	})
	header.Set("Content-Length", strconv.Itoa(len(body)))
	return body
}

// Calls counts the requests with the method whose path holds the text.
func (p *Proxy) Calls(method, path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for call, times := range p.calls {
		if strings.HasPrefix(call, method+" ") && strings.Contains(call, path) {
			n += times
		}
	}
	return n
}

func (p *Proxy) handler() http.Handler {
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(p.target); r.Out.Header.Del("Accept-Encoding") },
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			_ = r.Body.Close()
			p.keep("", body)
			body = p.dated(r.Header, body)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			return err
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		p.keep(r.Method+" "+r.URL.Path, body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		fault := p.fault(r)
		if fault == nil {
			forward.ServeHTTP(w, r)
			return
		}
		if fault.Slow > 0 {
			select {
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			case <-time.After(fault.Slow):
			}
			forward.ServeHTTP(w, r)
			return
		}
		if fault.Arrives {
			forward.ServeHTTP(discard{http.Header{}}, r.WithContext(context.WithoutCancel(r.Context())))
			p.mark(r.URL.Path)
		}
		if fault.Hangs > 0 {
			p.mu.Lock()
			cut := p.cut
			p.mu.Unlock()
			select {
			case <-cut:
			case <-r.Context().Done():
			case <-time.After(fault.Hangs):
			}
		}
		if fault.Status == 0 {
			panic(http.ErrAbortHandler)
		}
		if fault.Header != "" {
			name, value, _ := strings.Cut(fault.Header, ": ")
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(fault.Status)
		_, _ = io.WriteString(w, fault.Body)
	})
}

// WaitArrived waits until the homeserver has answered a request that a fault let
// arrive, and whose path holds the text; the same request is waited for once.
func (p *Proxy) WaitArrived(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		at := slices.IndexFunc(p.arrived, func(a string) bool { return strings.Contains(a, path) })
		if at >= 0 {
			p.arrived = slices.Delete(p.arrived, at, at+1)
			return
		}
		p.more.Wait()
	}
}

func (p *Proxy) mark(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.arrived = append(p.arrived, path)
	p.more.Broadcast()
}

func (p *Proxy) keep(call string, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if call != "" {
		p.calls[call]++
	}
	p.crossed.WriteString(call + "\n")
	p.crossed.Write(body)
	p.crossed.WriteByte('\n')
}

// fault returns what is to go wrong with a request, nil for nothing.
func (p *Proxy) fault(r *http.Request) *Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.IndexFunc(p.faults, func(f *Fault) bool {
		return f.Times != 0 && (f.Method == "" || f.Method == r.Method) && strings.Contains(r.URL.Path, f.Path)
	})
	if at < 0 {
		return nil
	}
	p.faults[at].Times--
	return p.faults[at]
}

// discard is where the answer goes that the client does not get.
type discard struct{ header http.Header }

// Header implements [http.ResponseWriter].
func (d discard) Header() http.Header { return d.header }

// Write implements [http.ResponseWriter].
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements [http.ResponseWriter].
func (d discard) WriteHeader(int) {}
