package slackfake

import (
	"math"
	"time"
)

// Limits are the rates above which methods answer 429 with Retry-After.
// docs.slack.dev/apis/web-api/rate-limits.
type Limits struct {
	// PostsPerSecond bounds chat.postMessage for each channel; 0 is no bound.
	// Slack's is about 1, with short bursts, of which Burst is the length; 5
	// when 0.
	PostsPerSecond float64
	Burst          int
	// PerMinute bounds other methods by their names for the workspace: 1 for
	// conversations.history is what an app gets that is sold outside of the
	// Marketplace. docs.slack.dev/changelog/2025/05/29.
	PerMinute map[string]int
}

// bucket holds tokens for one channel or method.
type bucket struct {
	tokens float64
	filled time.Time
}

// take takes a token, or says how long to wait for one.
func (b *bucket) take(rate, most float64, now time.Time) time.Duration {
	if b.filled.IsZero() {
		b.tokens = most
	} else {
		b.tokens = min(most, b.tokens+rate*now.Sub(b.filled).Seconds())
	}
	b.filled = now
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) / rate * float64(time.Second))
	}
	b.tokens--
	return 0
}

// limit says for how many seconds a call comes too early. s.mu is held.
func (s *Server) limit(name string, params map[string]any) int {
	var rate, most float64
	key := name
	switch perMinute := s.config.Limits.PerMinute[name]; {
	case perMinute > 0:
		rate, most = float64(perMinute)/60, float64(perMinute)
	case name == "chat.postMessage" && s.config.Limits.PostsPerSecond > 0:
		key += " " + str(params, "channel")
		rate, most = s.config.Limits.PostsPerSecond, float64(max(s.config.Limits.Burst, 1))
		if s.config.Limits.Burst == 0 {
			most = 5
		}
	default:
		return 0
	}
	b := s.buckets[key]
	if b == nil {
		b = &bucket{}
		s.buckets[key] = b
	}
	return int(math.Ceil(b.take(rate, most, s.config.Now()).Seconds()))
}
