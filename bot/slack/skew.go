package slack

import (
	"net/http"
	"sync/atomic"
	"time"
)

// skew is how far Slack's clock is ahead of this machine's, as its latest answer
// says. What was posted is looked for by Slack's clock: platform-contracts §4.2.
type skew struct{ ahead atomic.Int64 }

// note notes when an answer says that it was given.
func (s *skew) note(resp *http.Response, now time.Time) {
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		s.ahead.Store(int64(at.Sub(now)))
	}
}

func (s *skew) get() time.Duration { return time.Duration(s.ahead.Load()) }
