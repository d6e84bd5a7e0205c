package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/matrix"
	"rapporteur/e2e/homeserver"
)

// patience bounds every wait for something that should take a moment.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		shared.server.Close()
	}
	_ = os.RemoveAll(shared.dir)
	removeBinary()
	os.Exit(code)
}

// shared is the homeserver of the tests that do not kill it.
var shared struct {
	once   sync.Once
	dir    string
	server *homeserver.Server
	err    error
}

func sharedHomeserver(t *testing.T) *homeserver.Server {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp(inMemory(), "homeserver"); shared.err == nil { //nolint:usetesting // it outlives this test
			shared.server, shared.err = homeserver.Start(context.Background(), shared.dir)
		}
	})
	need(t, shared.err)
	return shared.server
}

// ownHomeserver is a homeserver that the test may kill.
func ownHomeserver(t *testing.T) *homeserver.Server {
	t.Helper()
	dir, err := os.MkdirTemp(inMemory(), "homeserver") //nolint:usetesting // a test's folder lies on disk
	need(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	hs, err := homeserver.Start(t.Context(), dir)
	need(t, err)
	t.Cleanup(hs.Close)
	return hs
}

// inMemory is a folder where nothing waits for a disk, or "" for the usual one:
// Dendrite writes each event in several databases, each with a sync of its own, and
// what it keeps need outlive its process but not the machine.
func inMemory() string {
	const folder = "/dev/shm"
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return ""
	}
	return folder
}

// need skips a test whose homeserver cannot be had, and fails it in CI.
func need(t *testing.T, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

var accounts atomic.Int64

// newName returns a user name that nobody has.
func newName(stem string) string { return stem + strconv.FormatInt(accounts.Add(1), 10) }

// person is a user of the homeserver who sees all that happens in their rooms.
type person struct {
	*mautrix.Client

	mu      sync.Mutex
	events  []*event.Event
	changed chan struct{}
}

func newPerson(t *testing.T, hs *homeserver.Server, stem string) *person {
	t.Helper()
	cli, err := hs.Register(t.Context(), newName(stem), "person-password")
	if err != nil {
		t.Fatal(err)
	}
	p := &person{Client: cli, changed: make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { p.watch(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return p
}

// watch syncs until ctx ends, whatever becomes of the homeserver.
func (p *person) watch(ctx context.Context) {
	for since := ""; ctx.Err() == nil; {
		batch, err := p.FullSyncRequest(ctx, mautrix.ReqSync{Since: since, Timeout: 10_000, FilterID: `{"room":{"timeline":{"limit":1000}}}`})
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		since = batch.NextBatch
		p.mu.Lock()
		for room, joined := range batch.Rooms.Join {
			for _, evt := range joined.Timeline.Events {
				evt.RoomID = room
				p.events = append(p.events, evt)
			}
		}
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
	}
}

// seen waits until pick finds n events among all that the person has seen in
// the room, and returns what it found.
func (p *person) seen(ctx context.Context, room id.RoomID, n int, pick func([]*event.Event) []*event.Event) ([]*event.Event, error) {
	for {
		p.mu.Lock()
		changed := p.changed
		var all []*event.Event
		for _, evt := range p.events {
			if evt.RoomID == room && !slices.ContainsFunc(all, func(o *event.Event) bool { return o.ID == evt.ID }) {
				all = append(all, evt)
			}
		}
		p.mu.Unlock()
		got := pick(all)
		if len(got) >= n {
			return got, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return got, fmt.Errorf("saw %d events, want %d: %w", len(got), n, ctx.Err())
		}
	}
}

// those picks the events for which keep holds.
func those(keep func(*event.Event) bool) func([]*event.Event) []*event.Event {
	return func(all []*event.Event) []*event.Event {
		return slices.DeleteFunc(slices.Clone(all), func(evt *event.Event) bool { return !keep(evt) })
	}
}

// wait is seen with a deadline and a failure.
func (p *person) wait(t *testing.T, what string, room id.RoomID, n int, keep func(*event.Event) bool) []*event.Event {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	got, err := p.seen(ctx, room, n, those(keep))
	if err != nil {
		t.Fatalf("wait for %s: %v", what, err)
	}
	return got
}

// room makes a room and invites the bot.
func (p *person) room(ctx context.Context, bot id.UserID, direct bool, state ...*event.Event) (id.RoomID, error) {
	made, err := p.CreateRoom(ctx, &mautrix.ReqCreateRoom{Preset: "private_chat", Invite: []id.UserID{bot}, IsDirect: direct, InitialState: state})
	if err != nil {
		return "", err
	}
	return made.RoomID, nil
}

// greetedRoom makes a room, and waits until the bot has come and said hello.
func (p *person) greetedRoom(t *testing.T, bot id.UserID, direct bool) id.RoomID {
	t.Helper()
	room, err := p.room(t.Context(), bot, direct)
	if err != nil {
		t.Fatalf("make a room: %v", err)
	}
	p.wait(t, "the bot's greeting", room, 1, func(evt *event.Event) bool { return isGreeting(evt, bot) })
	return room
}

// say sends a text message as it is.
func (p *person) say(ctx context.Context, room id.RoomID, content map[string]any) (id.EventID, error) {
	if content["msgtype"] == nil {
		content["msgtype"] = "m.text"
	}
	sent, err := p.SendMessageEvent(ctx, room, event.EventMessage, content)
	if err != nil {
		return "", err
	}
	return sent.EventID, nil
}

func (p *person) mustSay(t *testing.T, room id.RoomID, content map[string]any) id.EventID {
	t.Helper()
	said, err := p.say(t.Context(), room, content)
	if err != nil {
		t.Fatalf("say %v: %v", content, err)
	}
	return said
}

func raw(evt *event.Event, path ...string) any {
	var at any = evt.Content.Raw
	for _, key := range path {
		object, _ := at.(map[string]any)
		at = object[key]
	}
	return at
}

func text(evt *event.Event) string { s, _ := raw(evt, "body").(string); return s }

func isGreeting(evt *event.Event, bot id.UserID) bool {
	return evt.Sender == bot && strings.HasPrefix(text(evt), "Hello, I am rapporteur")
}

// from holds for the bot's messages but its greeting.
func from(bot id.UserID) func(*event.Event) bool {
	return func(evt *event.Event) bool {
		return evt.Sender == bot && evt.Type.Type == "m.room.message" && !isGreeting(evt, bot)
	}
}

// inThread holds for the bot's messages in the thread of root.
func inThread(bot id.UserID, root id.EventID) func(*event.Event) bool {
	return func(evt *event.Event) bool {
		return from(bot)(evt) && raw(evt, "m.relates_to", "rel_type") == "m.thread" && raw(evt, "m.relates_to", "event_id") == root.String()
	}
}

// seatBot is the adapter in this process, on an account of its own, with what
// survives when it stops.
type seatBot struct {
	hs       *homeserver.Server
	user     id.UserID
	password string
	state    *memory
	inbox    *bottest.Inbox
	handler  bot.Handler
	allow    []string

	stop func() error
}

// newSeatBot starts a bot that people of the homeserver may invite, or those
// that are named.
func newSeatBot(t *testing.T, hs *homeserver.Server, h bot.Handler, allow ...string) *seatBot {
	t.Helper()
	name := newName("bot")
	if _, err := hs.Register(t.Context(), name, "bot-password"); err != nil {
		t.Fatal(err)
	}
	b := &seatBot{
		hs: hs, user: id.NewUserID(name, homeserver.ServerName), password: "bot-password",
		state: &memory{values: map[string]string{}}, inbox: &bottest.Inbox{}, handler: h, allow: allow,
	}
	if len(allow) == 0 {
		b.allow = []string{homeserver.ServerName}
	}
	b.start(t)
	t.Cleanup(func() {
		if err := b.stop(); err != nil {
			t.Errorf("run the bot: got %v, want no error", err)
		}
	})
	return b
}

// client is the adapter as another process would have it: with the same state.
func (b *seatBot) client(t *testing.T) *matrix.Client {
	t.Helper()
	client, err := matrix.New(matrix.Options{
		Homeserver: b.hs.URL, User: b.user.String(), Password: b.password, AllowInvites: b.allow, State: b.state, Log: bottest.Log(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (b *seatBot) start(t *testing.T) {
	t.Helper()
	server := &bot.Server{Platform: b.client(t), Handler: b.handler, Inbox: b.inbox, Log: bottest.Log(t)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	b.stop = sync.OnceValue(func() error { cancel(); return <-ended })
}

// restart stops the bot, lets change happen, and starts it again.
func (b *seatBot) restart(t *testing.T, change func()) error {
	t.Helper()
	if err := b.stop(); err != nil {
		return err
	}
	change()
	b.start(t)
	return nil
}

// memory is a [matrix.State] that survives the bot.
type memory struct {
	mu     sync.Mutex
	values map[string]string
}

func (m *memory) Get(_ context.Context, space, key string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.values[space+" "+key]
	return value, ok, nil
}

func (m *memory) Set(_ context.Context, space, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[space+" "+key] = value
	return nil
}

func (b *seatBot) kept(key string) string {
	b.state.mu.Lock()
	defer b.state.mu.Unlock()
	return b.state.values["matrix/"+b.user.String()+" "+key]
}

// matrixSeat is a seat of the platform suite: a person and another bot in a
// room with the bot.
type matrixSeat struct {
	t      *testing.T
	bot    *seatBot
	person *person
	other  *person
	room   id.RoomID

	mu    sync.Mutex
	roots map[string]id.EventID // message → root of its thread
	since map[string]string     // message → sync token before it
}

var (
	_ bottest.Redeliverer = (*matrixSeat)(nil)
	_ bottest.OtherVoices = (*matrixSeat)(nil)
	_ bottest.Threads     = (*matrixSeat)(nil)
	_ bottest.Inspector   = (*matrixSeat)(nil)
)

func TestMatrixIsAPlatform(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	bottest.Platform(t, func(t *testing.T, h bot.Handler) bottest.Seat {
		t.Helper()
		b := newSeatBot(t, hs, h)
		s := &matrixSeat{t: t, bot: b, person: newPerson(t, hs, "person"), other: newPerson(t, hs, "otherbot"), roots: map[string]id.EventID{}, since: map[string]string{}}
		s.room = s.person.greetedRoom(t, b.user, false)
		if _, err := s.person.InviteUser(t.Context(), s.room, &mautrix.ReqInviteUser{UserID: s.other.UserID}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.other.JoinRoomByID(t.Context(), s.room); err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func (s *matrixSeat) addressed(text string) map[string]any {
	return map[string]any{"body": s.bot.user.String() + ": " + text, "m.mentions": map[string]any{"user_ids": []string{s.bot.user.String()}}}
}

// Say implements [bottest.Seat].
func (s *matrixSeat) Say(ctx context.Context, text string) (string, error) {
	return s.sayIn(ctx, "", text)
}

// SayIn implements [bottest.Threads].
func (s *matrixSeat) SayIn(ctx context.Context, key, text string) (string, error) {
	return s.sayIn(ctx, s.root(key), text)
}

func (s *matrixSeat) sayIn(ctx context.Context, root id.EventID, text string) (string, error) {
	content := s.addressed(text)
	if root != "" {
		content["m.relates_to"] = map[string]any{"rel_type": "m.thread", "event_id": root}
	}
	before := s.bot.kept("since")
	said, err := s.person.say(ctx, s.room, content)
	if err != nil {
		return "", err
	}
	if root == "" {
		root = said
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roots[said.String()], s.since[said.String()] = root, before
	return said.String(), nil
}

func (s *matrixSeat) root(key string) id.EventID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.roots[key]
}

// posts waits for n posts in the thread of a message, after it.
func (s *matrixSeat) posts(ctx context.Context, key string, n int) ([]*event.Event, error) {
	inThread := inThread(s.bot.user, s.root(key))
	return s.person.seen(ctx, s.room, n, func(all []*event.Event) []*event.Event {
		at := slices.IndexFunc(all, func(evt *event.Event) bool { return evt.ID.String() == key })
		if at < 0 {
			return nil // not even the question is seen
		}
		return those(inThread)(all[at+1:])
	})
}

// Replies implements [bottest.Seat].
func (s *matrixSeat) Replies(ctx context.Context, key string, n int) ([]string, error) {
	posts, err := s.posts(ctx, key, n)
	var texts []string
	for _, evt := range posts {
		// In a room, a command is typed after the prefix and has a reaction.
		texts = append(texts, keycaps.ReplaceAllString(strings.ReplaceAll(text(evt), ": !iis ", ": "), ""))
	}
	return texts, err
}

// Elsewhere implements [bottest.Threads].
func (s *matrixSeat) Elsewhere(ctx context.Context) ([]string, error) {
	posts, err := s.person.seen(ctx, s.room, 0, those(func(evt *event.Event) bool {
		return from(s.bot.user)(evt) && raw(evt, "m.relates_to", "rel_type") != "m.thread"
	}))
	var texts []string
	for _, evt := range posts {
		texts = append(texts, text(evt))
	}
	return texts, err
}

// Redeliver restarts the bot with the sync token from before the message, as if
// it had died before it kept a newer one. It implements [bottest.Redeliverer].
func (s *matrixSeat) Redeliver(ctx context.Context, key string) error {
	s.mu.Lock()
	before := s.since[key]
	s.mu.Unlock()
	if before == "" {
		return errors.New("no sync token from before the message")
	}
	return s.bot.restart(s.t, func() { _ = s.bot.state.Set(ctx, "matrix/"+s.bot.user.String(), "since", before) }) //nolint:contextcheck // the bot outlives this call
}

// SayAsBot implements [bottest.OtherVoices].
func (s *matrixSeat) SayAsBot(ctx context.Context, text string) error {
	content := s.addressed(text)
	content["msgtype"] = "m.notice"
	_, err := s.other.say(ctx, s.room, content)
	return err
}

// SayAsSelf implements [bottest.OtherVoices].
func (s *matrixSeat) SayAsSelf(ctx context.Context, text string) error {
	twin, err := mautrix.NewClient(s.bot.hs.URL, s.bot.user, s.bot.kept("access_token"))
	if err != nil {
		return err
	}
	_, err = twin.SendMessageEvent(ctx, s.room, event.EventMessage, map[string]any{"msgtype": "m.text", "body": s.bot.user.String() + ": " + text})
	return err
}

// Harm implements [bottest.Inspector].
func (s *matrixSeat) Harm(ctx context.Context, key string) ([]string, error) {
	posts, err := s.posts(ctx, key, 1)
	var harm []string
	for _, evt := range posts {
		harm = append(harm, harmOf(evt)...)
	}
	return harm, err
}

var (
	keycaps = regexp.MustCompile(`[1-9]\x{FE0F}\x{20E3} `)

	tags  = regexp.MustCompile(`<[^>]*>`)
	plain = regexp.MustCompile(`^</?(p|strong|em|del|ul|li|h4|br|code|blockquote|a)>$`)
	link  = regexp.MustCompile(`^<a href="https?://[^"]*">$`)
)

// harmOf says what a message does besides being read.
func harmOf(evt *event.Event) []string {
	var harm []string
	if mentions, ok := raw(evt, "m.mentions").(map[string]any); !ok || len(mentions) != 0 {
		harm = append(harm, fmt.Sprintf("m.mentions is %v, not there and empty", raw(evt, "m.mentions")))
	}
	formatted, _ := raw(evt, "formatted_body").(string)
	for _, tag := range tags.FindAllString(formatted, -1) {
		if (!plain.MatchString(tag) && !link.MatchString(tag)) || strings.Contains(strings.ToLower(tag), "matrix.to") {
			harm = append(harm, "the tag "+tag)
		}
	}
	return harm
}
