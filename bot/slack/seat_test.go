package slack_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

const (
	botToken = "xoxb-of-the-test"
	appToken = "xapp-of-the-test"
	room     = "C0ROOM"
	alice    = "U0ALICE"
)

// start starts a fake workspace. By the clock on the wall it is more patient than
// Slack, so that a busy machine fails nothing; Slack's own three seconds are met
// by tests on the clock of testing/synctest.
func start(t *testing.T, config slackfake.Config) *slackfake.Server {
	t.Helper()
	config.BotToken, config.AppToken = botToken, appToken
	if !config.NoListener {
		config.TriggerLife = cmp.Or(config.TriggerLife, time.Minute)
		config.AckTimeout = cmp.Or(config.AckTimeout, time.Minute)
	}
	fake, err := slackfake.New(config)
	if err != nil {
		t.Fatal(err)
	}
	fake.AddChannel(room)
	t.Cleanup(func() { _ = fake.Close() })
	return fake
}

// connect makes a client for the fake workspace.
func connect(t *testing.T, fake *slackfake.Server) *slack.Client {
	t.Helper()
	return connectAs(t, fake, slack.Options{AppToken: appToken, Sockets: 1, PostGap: time.Millisecond})
}

// connectAs makes a client with options of its own. A fake without a port is
// called without a network.
func connectAs(t *testing.T, fake *slackfake.Server, o slack.Options) *slack.Client {
	t.Helper()
	o.BotToken, o.APIURL = botToken, fake.APIURL()
	if o.Log == nil {
		o.Log = bottest.Log(t)
	}
	if !fake.Listens() {
		o.Transport = fake.Transport()
	}
	client, err := slack.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// offline starts a fake workspace that needs no network, for tests on the clock
// of testing/synctest.
func offline(t *testing.T, config slackfake.Config) *slackfake.Server {
	t.Helper()
	config.NoListener = true
	return start(t, config)
}

// patient is a context that lasts for a while on a clock that costs nothing.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Hour)
	t.Cleanup(stop)
	return ctx
}

// serve runs a bot in the fake workspace and waits until its socket is open.
func serve(t *testing.T, fake *slackfake.Server, s *bot.Server) {
	t.Helper()
	s.Platform = connect(t, fake)
	bottest.Serve(t, s)
	if err := fake.WaitSockets(waiting(t), 1); err != nil {
		t.Fatal(err)
	}
}

// serveHTTP runs a bot that the fake workspace reaches by signed requests.
func serveHTTP(t *testing.T, fake *slackfake.Server, s *bot.Server, o slack.Options) *slack.Client {
	t.Helper()
	o.SigningSecrets, o.AppToken, o.PostGap = []string{fake.SigningSecret()}, "", time.Millisecond
	client := connectAs(t, fake, o)
	s.Platform = client
	if s.Log == nil {
		s.Log = bottest.Log(t)
	}
	if s.Inbox == nil {
		s.Inbox = &bottest.Inbox{}
	}
	fake.DeliverTo("http://bot.example/slack/events", slackfake.InMemory(client.Handler(s)))
	bottest.Serve(t, s)
	return client
}

func waiting(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(stop)
	return ctx
}

// seat is what the three ways to talk to the bot have in common.
type seat struct{ fake *slackfake.Server }

func newSeat(t *testing.T, h bot.Handler) seat {
	t.Helper()
	fake := start(t, slackfake.Config{})
	serve(t, fake, &bot.Server{Handler: h})
	return seat{fake}
}

func newSeatHTTP(t *testing.T, h bot.Handler) seat {
	t.Helper()
	fake := start(t, slackfake.Config{})
	serveHTTP(t, fake, &bot.Server{Handler: h}, slack.Options{})
	return seat{fake}
}

// answers waits for n messages that pass.
func (s seat) answers(ctx context.Context, n int, all func() []slackfake.Message, passes func(slackfake.Message) bool) ([]slackfake.Message, error) {
	var got []slackfake.Message
	err := s.fake.Wait(ctx, func() bool {
		got = slices.DeleteFunc(all(), func(m slackfake.Message) bool { return !passes(m) })
		return len(got) >= n
	})
	return got, err
}

func visible(messages []slackfake.Message) []string {
	var texts []string
	for _, m := range messages {
		texts = append(texts, m.Visible())
	}
	return texts
}

func harm(messages []slackfake.Message) []string {
	var found []string
	for _, m := range messages {
		found = append(found, m.Harm()...)
	}
	return found
}

// mentionSeat is a person in a channel.
type mentionSeat struct {
	seat
	mu      *sync.Mutex
	threads map[string]string // by the ts of a message
}

func (s mentionSeat) Say(ctx context.Context, text string) (string, error) {
	return s.SayIn(ctx, "", text)
}

func (s mentionSeat) SayIn(_ context.Context, key, text string) (string, error) {
	ts := s.fake.MentionIn(room, alice, key, slackfake.Escape(text))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.threads[ts] = ts
	if key != "" {
		s.threads[ts] = key
	}
	return ts, nil
}

func (s mentionSeat) find(ctx context.Context, key string, n int) ([]slackfake.Message, error) {
	s.mu.Lock()
	thread := s.threads[key]
	s.mu.Unlock()
	return s.answers(ctx, n, s.fake.Posts, func(m slackfake.Message) bool {
		return m.Channel == room && m.ThreadTS == thread && m.TS > key
	})
}

func (s mentionSeat) Replies(ctx context.Context, key string, n int) ([]string, error) {
	got, err := s.find(ctx, key, n)
	return visible(got), err
}

func (s mentionSeat) Harm(ctx context.Context, key string) ([]string, error) {
	got, err := s.find(ctx, key, 1)
	return harm(got), err
}

func (s mentionSeat) Elsewhere(context.Context) ([]string, error) {
	return visible(slices.DeleteFunc(s.fake.Posts(), func(m slackfake.Message) bool { return m.ThreadTS != "" })), nil
}

func (s mentionSeat) Redeliver(_ context.Context, key string) error { return s.fake.Redeliver(key) }

func (s mentionSeat) SayAsBot(_ context.Context, text string) error {
	s.fake.BotMention(room, text)
	return nil
}

func (s mentionSeat) SayAsSelf(_ context.Context, text string) error {
	s.fake.SelfMessage(alice, text)
	s.fake.Mention(room, s.fake.BotUser(), text)
	return nil
}

// directSeat is a person in a direct conversation.
type directSeat struct{ seat }

func (s directSeat) Say(_ context.Context, text string) (string, error) {
	_, ts := s.fake.DM(alice, slackfake.Escape(text))
	return ts, nil
}

func (s directSeat) Replies(ctx context.Context, key string, n int) ([]string, error) {
	got, err := s.answers(ctx, n, s.fake.Posts, func(m slackfake.Message) bool { return m.ThreadTS == key })
	return visible(got), err
}

func (s directSeat) Redeliver(_ context.Context, key string) error { return s.fake.Redeliver(key) }

func (s directSeat) SayAsBot(_ context.Context, text string) error {
	s.fake.Event(map[string]any{
		"type": "message", "subtype": "bot_message", "channel_type": "im", "channel": "D0ALICE", "bot_id": "B0OTHER", "text": text, "ts": "1.000100",
	})
	return nil
}

func (s directSeat) SayAsSelf(_ context.Context, text string) error {
	s.fake.SelfMessage(alice, text)
	return nil
}

// slashSeat is people who type a slash command, each one once.
type slashSeat struct {
	seat
	mu    *sync.Mutex
	count *int
}

func (s slashSeat) Say(_ context.Context, text string) (string, error) {
	s.mu.Lock()
	*s.count++
	person := fmt.Sprintf("U0PERSON%d", *s.count)
	s.mu.Unlock()
	_, err := s.fake.Slash("/iis", slackfake.Escape(text), room, person)
	return person, err
}

func (s slashSeat) Replies(ctx context.Context, key string, n int) ([]string, error) {
	got, err := s.answers(ctx, n, s.fake.Ephemerals, func(m slackfake.Message) bool { return m.ShownTo == key })
	return visible(got), err
}

func (s slashSeat) Harm(ctx context.Context, key string) ([]string, error) {
	got, err := s.answers(ctx, 1, s.fake.Ephemerals, func(m slackfake.Message) bool { return m.ShownTo == key })
	return harm(got), err
}

func TestSlackIsAPlatform(t *testing.T) {
	t.Parallel()
	for name, sit := range map[string]func(*testing.T, bot.Handler) seat{"sockets": newSeat, "HTTP": newSeatHTTP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("mention", func(t *testing.T) {
				t.Parallel()
				bottest.Platform(t, func(t *testing.T, h bot.Handler) bottest.Seat {
					t.Helper()
					return mentionSeat{sit(t, h), &sync.Mutex{}, map[string]string{}}
				})
			})
			t.Run("direct message", func(t *testing.T) {
				t.Parallel()
				bottest.Platform(t, func(t *testing.T, h bot.Handler) bottest.Seat {
					t.Helper()
					return directSeat{sit(t, h)}
				})
			})
			t.Run("slash command", func(t *testing.T) {
				t.Parallel()
				bottest.Platform(t, func(t *testing.T, h bot.Handler) bottest.Seat {
					t.Helper()
					return slashSeat{sit(t, h), &sync.Mutex{}, new(int)}
				})
			})
		})
	}
}
