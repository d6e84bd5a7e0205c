package digest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/digest"
	"rapporteur/store"
	"rapporteur/store/pgtest"

	"github.com/google/go-cmp/cmp"
)

// shift is a replica that works and the one that takes over from it.
type shift struct {
	first, second *store.Store
	mux           func(s *store.Store) *bot.Mux
	now           time.Time
	said          int
}

var counter = bot.Room{Platform: "slack", ID: "C1"}

// onBoth runs a test on SQLite, where a process takes over what it has left behind
// itself, and on PostgreSQL, where another replica does. Each call of begin has a
// database of its own.
func onBoth(t *testing.T, f func(t *testing.T, begin func(t *testing.T) *shift)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		f(t, func(t *testing.T) *shift {
			t.Helper()
			s := keep(t)
			return newShift(t, s, s)
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		server, err := pgtest.Start(t.Context())
		if err != nil && os.Getenv("CI") == "" {
			t.Skipf("no PostgreSQL: %v", err)
		}
		ok(t, err)
		t.Cleanup(func() { _ = server.Stop() })
		n := 0
		f(t, func(t *testing.T) *shift {
			t.Helper()
			n++
			dsn, err := server.Database(context.WithoutCancel(t.Context()), "once"+strconv.Itoa(n))
			ok(t, err)
			replica := func() *store.Store {
				s, err := store.Open(t.Context(), dsn, store.CallersClock())
				ok(t, err)
				t.Cleanup(func() { _ = s.Close() })
				return s
			}
			return newShift(t, replica(), replica())
		})
	})
}

func newShift(t *testing.T, first, second *store.Store) *shift {
	t.Helper()
	cal, _ := known(t)
	return &shift{first: first, second: second, now: instant(t, "2026-11-24T09:00:00Z"), mux: func(s *store.Store) *bot.Mux {
		t.Helper()
		amending := digest.Amending{Book: s, Calendar: func() *calendar.Calendar { return cal }, Administrator: func(string, string) bool { return true }}
		mux, err := bot.NewMux(append(append(digest.Verbs(s, nil), digest.TopicVerbs(s)...), amending.Verb())...)
		ok(t, err)
		return mux
	}}
}

// hears commits what somebody says half a minute later.
func (s *shift) hears(t *testing.T, who, text string) bot.Message {
	t.Helper()
	s.said++
	s.now = s.now.Add(30 * time.Second)
	m := bot.Message{ID: text + strings.Repeat("'", s.said), Room: counter, Sender: who, Text: text, SentAt: s.now}
	fresh, err := s.first.Receive(t.Context(), m, s.now, time.Second)
	ok(t, err)
	if !fresh {
		t.Fatalf("%s: got known, want it heard", text)
	}
	return m
}

// carry lets a replica carry a message out.
func (s *shift) carry(t *testing.T, replica *store.Store, m bot.Message) bot.Reply {
	t.Helper()
	reply, err := s.mux(replica).Answer(t.Context(), m)
	ok(t, err)
	return reply
}

// does carries out and answers what somebody says.
func (s *shift) does(t *testing.T, who, text string) {
	t.Helper()
	m := s.hears(t, who, text)
	s.carry(t, s.first, m)
	ok(t, s.first.Answered(t.Context(), m, bot.Receipt{ID: "r"}, bot.Turn{}, s.now))
}

// takeOver lets the second replica take up what the first one did not answer.
func (s *shift) takeOver(t *testing.T) bot.Reply {
	t.Helper()
	s.now = s.now.Add(10 * time.Second)
	left, err := s.second.Reclaim(t.Context(), counter.Platform, s.now, time.Minute, 10)
	ok(t, err)
	if len(left) != 1 {
		t.Fatalf("got %d messages taken over, want one", len(left))
	}
	reply := s.carry(t, s.second, left[0])
	ok(t, s.second.Answered(t.Context(), left[0], bot.Receipt{ID: "r"}, bot.Turn{}, s.now))
	return reply
}

// state is all that the orders of this file change.
func (s *shift) state(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, text := range []string{"subscriptions", "follow", "calendar changes"} {
		reply, err := s.mux(s.first).Answer(t.Context(), bot.Message{Room: counter, Sender: "U1", Text: text, SentAt: s.now})
		ok(t, err)
		all.WriteString(reply.String() + "\n")
	}
	return all.String()
}

// TestAnOrderThatIsTakenOverIsCarriedOutOnce lets a replica carry an order out and die
// before it has answered; whoever takes it over gives the same answer and changes
// nothing, whether or not somebody else gives another order meanwhile.
func TestAnOrderThatIsTakenOverIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	const (
		daily, later = "subscribe digest daily 08:00 UTC", "subscribe digest daily 09:00 UTC"
		set          = "calendar set gm-dtg-2026 end 2026-12-18 source:https://example.org/new"
	)
	tests := []struct {
		name   string
		before []string
		text   string
		// meanwhile undoes it between the two attempts.
		meanwhile, want string
	}{
		{"an undo of an order", []string{daily}, "undo 1", "undo 1", "Ended #1: "},
		{"an undo of an unsubscribe", []string{daily, "unsubscribe 1"}, "undo 1", "unsubscribe 1", "#1 is back: "},
		{"a no", []string{daily, later}, "no", "undo 2", "Ended #2: "},
		{"a yes", []string{daily}, "yes", later, "Confirmed #1: "},
		{"an order", nil, daily, "unsubscribe 1", "Subscribed this room to #1: "},
		{"a change", []string{daily}, "change 1 lang:fr", "change 1 lang:default", "Changed #1: "},
		{"a pause", []string{daily}, "pause 1", "resume 1", "Paused #1: "},
		{"a resume", []string{daily, "pause 1"}, "resume 1", "pause 1", "Resumed #1: "},
		{"an unsubscribe", []string{daily}, "unsubscribe 1", "undo 1", "Ended #1: "},
		{"a topic", nil, "follow norms of behaviour", "unfollow 1", "This room follows norms of behaviour from now on"},
		{"a topic's end", []string{"follow norms of behaviour"}, "unfollow norms of behaviour", "follow norms of behaviour", "This room follows norms of behaviour no more."},
		{"a change of the calendar", nil, set, "calendar withdraw 1", "Change 1 of "},
		{"a confirmation", []string{set}, "calendar confirm 1", set, "Confirmed: "},
		{"a withdrawal", []string{set}, "calendar withdraw 1", set, "Change 1 of gm-dtg-2026 is withdrawn."},
	}
	onBoth(t, func(t *testing.T, begin func(t *testing.T) *shift) {
		t.Helper()
		for _, test := range tests {
			for _, meanwhile := range []string{"", test.meanwhile} {
				t.Run(test.name+"/"+meanwhile, func(t *testing.T) {
					s := begin(t)
					for _, text := range test.before {
						s.does(t, "U1", text)
					}
					who := "U1"
					if strings.HasPrefix(test.text, "calendar confirm") {
						who = "U2"
					}
					first := s.carry(t, s.first, s.hears(t, who, test.text))
					if meanwhile != "" {
						s.does(t, "U1", meanwhile)
					}
					was := s.state(t)
					again := s.takeOver(t)
					if diff := cmp.Diff(first.String(), again.String()); diff != "" || !strings.HasPrefix(first.Lead(), test.want) {
						t.Errorf("got %q, want %q and the same again:\n%s", first.Lead(), test.want, diff)
					}
					if diff := cmp.Diff(was, s.state(t)); diff != "" {
						t.Errorf("the second attempt changed something:\n%s", diff)
					}
				})
			}
		}
	})
}

// limited is a platform that does not take the first post for a while, as Slack does
// not where it is asked too often.
type limited struct {
	say   chan bot.Message
	posts chan bot.Post
	tried atomic.Int64
}

func (*limited) Name() string { return counter.Platform }

func (p *limited) Listen(ctx context.Context, in bot.Receiver) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-p.say:
			if err := in.Receive(ctx, m); err != nil {
				return err
			}
		}
	}
}

func (p *limited) Post(_ context.Context, post bot.Post) (bot.Receipt, error) {
	if p.tried.Add(1) == 1 {
		return bot.Receipt{}, &bot.PostError{Outcome: bot.NotSent, RetryAfter: 11 * time.Second, Err: errors.New("rate limited")}
	}
	p.posts <- post
	return bot.Receipt{ID: "r"}, nil
}

// TestAnUndoWhoseAnswerWaitsForTheRateLimitIsCarriedOutOnce has no crash in it: the
// message goes back to the inbox because the platform asks for more than ten seconds.
func TestAnUndoWhoseAnswerWaitsForTheRateLimitIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "bot.db"))
	ok(t, err)
	t.Cleanup(func() { _ = s.Close() })
	at := newShift(t, s, s)
	at.does(t, "U1", "subscribe digest daily 08:00 UTC")
	p := &limited{say: make(chan bot.Message, 1), posts: make(chan bot.Post, 1)}
	began := time.Now()
	server := &bot.Server{
		Platform: p, Handler: at.mux(s), Inbox: s, Log: quiet(), Lease: 4 * time.Second,
		Now: func() time.Time { return at.now.Add(10 * time.Since(began)) }, // ten times as fast as the world's
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	p.say <- bot.Message{ID: "1", Room: counter, Sender: "U1", Text: "undo 1", SentAt: at.now}
	select {
	case post := <-p.posts:
		if got := post.Reply.Lead(); !strings.HasPrefix(got, "Ended #1: ") {
			t.Errorf("got %q, want that the order is taken back", got)
		}
	case <-time.After(time.Minute):
		t.Error("got no answer")
	}
	stop()
	ok(t, <-ended)
	have, err := s.Subscriptions(t.Context(), counter)
	ok(t, err)
	if len(have) != 0 {
		t.Errorf("got %+v, want no subscription", have)
	}
}
