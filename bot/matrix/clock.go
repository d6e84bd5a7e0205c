package matrix

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockSkew notes by how much the homeserver's clock is ahead of this machine's:
// the age of a message is counted by the clock that dated it, and what somebody
// orders begins when they said so by the bot's own, which the editions go by.
type clockSkew struct {
	next  http.RoundTripper
	ahead atomic.Int64 // nanoseconds
}

// leastSkew is what counts as a difference: the header knows whole seconds, and an
// answer is on its way for some.
const leastSkew = 10 * time.Second

// RoundTrip implements [http.RoundTripper].
func (s *clockSkew) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(r)
	if err == nil {
		if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
			ahead := time.Until(date)
			if ahead.Abs() < leastSkew {
				ahead = 0
			}
			s.ahead.Store(int64(ahead))
		}
	}
	return response, err
}

// by is how much the homeserver's clock is ahead.
func (s *clockSkew) by() time.Duration { return time.Duration(s.ahead.Load()) }

// now is the homeserver's time.
func (s *clockSkew) now() time.Time { return time.Now().Add(s.by()) }
