package slackfake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Call is one call of a method.
type Call struct {
	// Method is the method's name, or "response_url".
	Method string
	// Params are its parameters: strings of a form, values of a JSON body. The
	// token is not among them.
	Params map[string]any
	// Token is the token it came with.
	Token string
	// At is when it came.
	At time.Time
}

// Calls returns the calls of a method, whatever they were answered; all calls
// when method is empty.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			found = append(found, c)
		}
	}
	return found
}

// Posts returns the messages that the app has in the rooms, in the order in
// which they were posted, as they are now: chat.postMessage, and response
// addresses with response_type in_channel.
func (s *Server) Posts() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var posts []Message
	for _, c := range s.channels {
		for _, m := range c.messages {
			if m.AppID == s.config.AppID {
				posts = append(posts, *m)
			}
		}
	}
	slices.SortFunc(posts, func(a, b Message) int { return strings.Compare(a.TS, b.TS) })
	return posts
}

// Ephemerals returns the messages that one person was shown, in their order.
func (s *Server) Ephemerals() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ephemerals)
}

// Wait waits until the condition holds. It looks again whenever anything
// happens in the fake.
func (s *Server) Wait(ctx context.Context, condition func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if condition() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// WaitPosts waits for n posts and returns all there are.
func (s *Server) WaitPosts(ctx context.Context, n int) ([]Message, error) {
	err := s.Wait(ctx, func() bool { return len(s.Posts()) >= n })
	return s.Posts(), counted(err, "posts", len(s.Posts()), n)
}

// WaitEphemerals waits for n ephemeral messages and returns all there are.
func (s *Server) WaitEphemerals(ctx context.Context, n int) ([]Message, error) {
	err := s.Wait(ctx, func() bool { return len(s.Ephemerals()) >= n })
	return s.Ephemerals(), counted(err, "ephemeral messages", len(s.Ephemerals()), n)
}

// WaitAcks waits for n acknowledgements and returns all there are.
func (s *Server) WaitAcks(ctx context.Context, n int) ([]Ack, error) {
	err := s.Wait(ctx, func() bool { return len(s.Acks()) >= n })
	return s.Acks(), counted(err, "acknowledgements", len(s.Acks()), n)
}

// WaitCalls waits for n calls of a method and returns all there are.
func (s *Server) WaitCalls(ctx context.Context, method string, n int) ([]Call, error) {
	err := s.Wait(ctx, func() bool { return len(s.Calls(method)) >= n })
	return s.Calls(method), counted(err, "calls of "+method, len(s.Calls(method)), n)
}

func counted(err error, what string, got, want int) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("wait for %s: got %d, want %d: %w", what, got, want, err)
}
