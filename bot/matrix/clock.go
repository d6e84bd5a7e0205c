package matrix

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockSkew notes by how much the homeserver's clock is ahead of this machine's:
// the age of a message is counted by the clock that dated it.
type clockSkew struct {
	next  http.RoundTripper
	ahead atomic.Int64 // nanoseconds
}

// RoundTrip implements [http.RoundTripper].
func (s *clockSkew) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(r)
	if err == nil {
		if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
			s.ahead.Store(int64(time.Until(date)))
		}
	}
	return response, err
}

// now is the homeserver's time.
func (s *clockSkew) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
