package e2e_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/e2e/homeserver"
)

// stranger is a person whose client shares no code with the program: e2e/mjs. It
// sees only what a client in the strictest mode shows.
type stranger struct {
	person
	user id.UserID
	in   io.Writer

	mu      sync.Mutex
	next    int
	answers map[int]chan told
	shields map[id.EventID]int // 0 is no warning
	failed  map[id.EventID]bool
}

type told struct {
	ID    int             `json:"id"`
	OK    json.RawMessage `json:"ok"`
	Error string          `json:"error"`
	Event *struct {
		Room      id.RoomID      `json:"room"`
		ID        id.EventID     `json:"id"`
		Sender    id.UserID      `json:"sender"`
		Type      string         `json:"type"`
		StateKey  *string        `json:"state_key"`
		Content   map[string]any `json:"content"`
		RelatesTo any            `json:"relates_to"`
		TS        int64          `json:"ts"`
		Encrypted bool           `json:"encrypted"`
		Failed    bool           `json:"failed"`
		Redacted  bool           `json:"redacted"`
		Shield    int            `json:"shield"`
	} `json:"event"`
}

// node returns the program that runs the client, which .ci/run installs.
func node() (string, error) {
	path, err := filepath.Abs("mjs/node_modules/.bin/node")
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", errors.New("the independent Matrix client is not installed; run: make mjs")
	}
	return path, nil
}

func newStranger(t *testing.T, hs *homeserver.Server) *stranger {
	t.Helper()
	program, err := node()
	need(t, err)
	name := newName("stranger")
	if _, err := hs.Register(t.Context(), name, "stranger-password"); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "user.mjs")
	cmd.Dir = "mjs"
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &stranger{
		person: person{changed: make(chan struct{})}, user: id.NewUserID(name, homeserver.ServerName), in: in,
		answers: map[int]chan told{}, shields: map[id.EventID]int{}, failed: map[id.EventID]bool{},
	}
	read := make(chan struct{})
	go func() { s.read(out); close(read) }()
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
	})
	s.do(t, "login", map[string]any{"url": hs.URL, "user": name, "password": "stranger-password"})
	return s
}

// read takes in what the client tells until it ends.
func (s *stranger) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line told
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		if line.Event == nil {
			s.mu.Lock()
			if answer := s.answers[line.ID]; answer != nil {
				answer <- line
			}
			s.mu.Unlock()
			continue
		}
		e := line.Event
		if e.RelatesTo != nil && e.Content != nil && e.Content["m.relates_to"] == nil {
			e.Content["m.relates_to"] = e.RelatesTo
		}
		evt := &event.Event{
			ID: e.ID, RoomID: e.Room, Sender: e.Sender, StateKey: e.StateKey, Timestamp: e.TS,
			Type: event.Type{Type: e.Type}, Content: event.Content{Raw: e.Content},
		}
		s.mu.Lock()
		s.failed[e.ID] = e.Failed
		if e.Encrypted && !e.Failed {
			s.shields[e.ID] = e.Shield
		}
		s.mu.Unlock()
		s.person.mu.Lock()
		s.events = slices.DeleteFunc(s.events, func(o *event.Event) bool { return o.ID == e.ID })
		s.events = append(s.events, evt)
		close(s.changed)
		s.changed = make(chan struct{})
		s.person.mu.Unlock()
	}
}

// do lets the client do something and returns what came of it.
func (s *stranger) do(t *testing.T, op string, args map[string]any) json.RawMessage {
	t.Helper()
	s.mu.Lock()
	s.next++
	number, answer := s.next, make(chan told, 1)
	s.answers[number] = answer
	s.mu.Unlock()
	args["id"], args["op"] = number, op
	line, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.in.Write(append(line, '\n')); err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	select {
	case got := <-answer:
		if got.Error != "" {
			t.Fatalf("%s: %s", op, got.Error)
		}
		return got.OK
	case <-time.After(2 * patience):
		t.Fatalf("%s: the client did not answer", op)
		return nil
	}
}

func (s *stranger) doID(t *testing.T, op string, args map[string]any) string {
	t.Helper()
	var name string
	if err := json.Unmarshal(s.do(t, op, args), &name); err != nil {
		t.Fatal(err)
	}
	return name
}

func (s *stranger) secretRoom(t *testing.T, bot id.UserID, settings map[string]any) id.RoomID {
	t.Helper()
	if settings == nil {
		settings = map[string]any{}
	}
	return id.RoomID(s.doID(t, "room", map[string]any{"invite": []string{bot.String()}, "settings": settings}))
}

func (s *stranger) tell(t *testing.T, room id.RoomID, content map[string]any) id.EventID {
	t.Helper()
	if content["msgtype"] == nil {
		content["msgtype"] = "m.text"
	}
	return id.EventID(s.doID(t, "send", map[string]any{"room": room, "type": "m.room.message", "content": content}))
}

func (s *stranger) react(t *testing.T, room id.RoomID, to id.EventID, key string) {
	t.Helper()
	s.doID(t, "send", map[string]any{"room": room, "type": "m.reaction", "content": map[string]any{
		"m.relates_to": map[string]any{"rel_type": "m.annotation", "event_id": to, "key": key},
	}})
}

// answerTo waits for the bot's message in the thread of a question.
func (s *stranger) answerTo(t *testing.T, room id.RoomID, bot id.UserID, question id.EventID) *event.Event {
	t.Helper()
	return s.wait(t, "an answer", room, 1, inThread(bot, question))[0]
}

// shield returns the warning that the client shows with an event: 0 for none, -1
// for an event that was not encrypted.
func (s *stranger) shield(event id.EventID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shield, encrypted := s.shields[event]; encrypted {
		return shield
	}
	return -1
}

// TestTheStrictestClientUnderstandsTheBot asks, edits, reacts and takes back in
// an encrypted room (acceptance 11, 12; journey J3), with a client that shows
// nothing of an unsigned device. Nothing of what is said crosses the wire in
// plain text.
func TestTheStrictestClientUnderstandsTheBot(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	first := startBot(t, settings)
	s := newStranger(t, hs)
	room := s.secretRoom(t, user, map[string]any{"rotation_period_msgs": 3})
	greeting := s.wait(t, "the greeting", room, 1, func(evt *event.Event) bool { return isGreeting(evt, user) })[0]
	if got := s.shield(greeting.ID); got != 0 {
		t.Errorf("greeting: got shield %d, want none on an encrypted event", got)
	}
	if !strings.Contains(text(greeting), "encrypted") {
		t.Errorf("greeting: got %q, want the state of encryption in it", text(greeting))
	}
	var devices []id.DeviceID
	if err := json.Unmarshal(s.do(t, "devices", map[string]any{"user": user}), &devices); err != nil || len(devices) == 0 {
		t.Fatalf("devices: got %v, %v", devices, err)
	}
	signed := 0
	for _, device := range devices {
		var trust struct{ Signed bool }
		if err := json.Unmarshal(s.do(t, "trust", map[string]any{"user": user, "device": device}), &trust); err != nil {
			t.Fatal(err)
		}
		if trust.Signed {
			signed++
		}
	}
	if signed != 1 {
		t.Errorf("devices of the bot that its account has signed: got %d of %v, want one", signed, devices)
	}

	ask := func(text string) id.EventID { return s.tell(t, room, map[string]any{"body": text}) }
	when := ask(`!iis when "first raised this issue at the UN"`)
	answer := s.answerTo(t, room, user, when)
	if got := text(answer); !strings.Contains(got, "1998") || !strings.Contains(got, "¶5") || raw(answer, "msgtype") != "m.notice" || s.shield(answer.ID) != 0 {
		t.Errorf("answer: got %v %q, shield %d, want a trusted notice with 1998 and ¶5", raw(answer, "msgtype"), got, s.shield(answer.ID))
	}
	if formatted, _ := raw(answer, "formatted_body").(string); !strings.Contains(formatted, "<blockquote>") {
		t.Errorf("answer: got %q, want a blockquote", formatted)
	}

	// The answer follows an edit of the question, and goes with it.
	question := ask("!iis quote sovereignty")
	before := s.answerTo(t, room, user, question)
	s.tell(t, room, map[string]any{
		"body": "* !iis glossary APR", "m.new_content": map[string]any{"msgtype": "m.text", "body": "!iis glossary APR"},
		"m.relates_to": map[string]any{"rel_type": "m.replace", "event_id": question},
	})
	edits := func(evt *event.Event) bool {
		return evt.Sender == user && raw(evt, "m.relates_to", "rel_type") == "m.replace" && raw(evt, "m.relates_to", "event_id") == before.ID.String()
	}
	edited := s.wait(t, "the edited answer", room, 1, edits)[0]
	if fresh, _ := raw(edited, "m.new_content", "body").(string); !strings.Contains(fresh, "APR") {
		t.Errorf("edited answer: got %q, want what APR means", fresh)
	}
	s.doID(t, "redact", map[string]any{"room": room, "event": question})
	s.wait(t, "the answer to go", room, 1, func(evt *event.Event) bool {
		return evt.Type.Type == "m.room.redaction" && evt.Sender == user
	})
	for what, event := range map[string]id.EventID{"answer": before.ID, "edit of the answer": edited.ID} {
		for deadline := time.Now().Add(patience); proxy.Calls("PUT", "/redact/"+event.String()) == 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the %s itself was not redacted", what)
			}
		}
	}

	// Pressing a reaction says the command; the magnifier verifies any message.
	help := s.wait(t, "a button", room, 1, func(evt *event.Event) bool {
		return evt.Type.Type == "m.reaction" && evt.Sender == user && raw(evt, "m.relates_to", "event_id") == greeting.ID.String()
	})[0]
	key, _ := raw(help, "m.relates_to", "key").(string)
	s.react(t, room, greeting.ID, key)
	s.wait(t, "the help", room, 1, func(evt *event.Event) bool {
		return inThread(user, greeting.ID)(evt) && strings.Contains(text(evt), "What I can do")
	})
	claim := ask(`Russia: "Those who believe themselves to be more advanced must impose anything on the others."`)
	s.react(t, room, claim, "🔎")
	s.wait(t, "the verdict with the word that was left out", room, 1, func(evt *event.Event) bool {
		return inThread(user, claim)(evt) && strings.Contains(text(evt), "[−not−]")
	})

	// After a restart the keys are as they were.
	first.kill()
	startBot(t, settings)
	refused := ask("!iis ask Which resolution number was adopted in 2018?")
	if got := text(s.answerTo(t, room, user, refused)); strings.Contains(got, "A/RES/73/27") && !strings.Contains(got, "source:") {
		t.Errorf("got %q, want no number that nothing shows", got)
	}
	state := ask("!iis e2ee")
	if got := text(s.answerTo(t, room, user, state)); !strings.Contains(got, "signed by my account") || !strings.Contains(got, "This room is encrypted") {
		t.Errorf("e2ee: got %q, want device and signature", got)
	}

	// Who asks to verify the bot by emoji is told at once what to compare instead.
	var verification struct{ Ended, Code, By string }
	if err := json.Unmarshal(s.do(t, "verify", map[string]any{"user": user, "room": room}), &verification); err != nil {
		t.Fatal(err)
	}
	if verification.Ended != "cancelled" || verification.Code != "m.unknown_method" || verification.By != user.String() {
		t.Errorf("verification: got %+v, want the bot to decline", verification)
	}
	s.wait(t, "what to compare instead", room, 1, func(evt *event.Event) bool {
		return evt.Sender == user && strings.Contains(text(evt), "cannot compare emoji") && strings.Contains(text(evt), "fingerprint")
	})
	s.mu.Lock()
	for event, failed := range s.failed {
		if failed {
			t.Errorf("the client could not read the event %s", event)
		}
	}
	s.mu.Unlock()
	crossed := proxy.Crossed()
	for _, secret := range []string{"first raised", "sovereignty", "glossary", "rapporteur. I brief", "What I can do", "advanced", "What the record"} {
		if at := strings.Index(crossed, secret); at >= 0 {
			t.Errorf("%q crossed the wire in plain text: …%s…", secret, crossed[max(0, at-200):min(len(crossed), at+200)])
		}
	}
}

// proxiedSettings is matrixSettings with a proxy between bot and homeserver.
func proxiedSettings(t *testing.T, hs *homeserver.Server) (id.UserID, string, *homeserver.Proxy) {
	t.Helper()
	proxy, err := homeserver.NewProxy(t.Context(), hs.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	return user, strings.Replace(settings, "homeserver: "+hs.URL, "homeserver: "+proxy.URL, 1), proxy
}

// TestAnEditionComesOnceIntoAnEncryptedRoom orders a digest, kills the program
// before it is due, and reads it with the strictest client (acceptance 13, journey
// J4 without its correction).
func TestAnEditionComesOnceIntoAnEncryptedRoom(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings, proxy := proxiedSettings(t, hs)
	bot := startBot(t, settings)
	s := newStranger(t, hs)
	room := s.secretRoom(t, user, nil)
	s.wait(t, "the greeting", room, 1, func(evt *event.Event) bool { return isGreeting(evt, user) })
	ask := func(words string) string {
		t.Helper()
		return text(s.answerTo(t, room, user, s.tell(t, room, map[string]any{"body": words})))
	}
	if got := ask("!iis subscribe digest weekly mon 08:00 Europe/Geneva"); !strings.Contains(got, "Europe/Zurich") {
		t.Errorf("an unknown zone: got %q, want the one that was meant", got)
	}
	due := time.Now().UTC().Add(15 * time.Second).Truncate(time.Minute).Add(time.Minute)
	confirmed := ask("!iis subscribe digest daily " + due.Format("15:04") + ` UTC topics:OEWG,"Global Mechanism" lead:30d`)
	if strings.Count(confirmed, " UTC") < 3 {
		t.Errorf("confirmation: got %q, want the next three times", confirmed)
	}
	bot.kill()
	startBot(t, settings)
	editions := func(evt *event.Event) bool { return from(user)(evt) && raw(evt, "msgtype") == "m.text" }
	deadline := due.Add(patience)
	for len(s.wait(t, "the edition", room, 0, editions)) == 0 {
		if time.Now().After(deadline) {
			t.Fatalf("no edition %v after it was due", patience)
		}
		time.Sleep(100 * time.Millisecond)
	}
	ask("!iis subscriptions")
	all := s.wait(t, "editions", room, 1, editions)
	if len(all) != 1 || s.shield(all[0].ID) != 0 || len(harmOf(all[0])) > 0 || raw(all[0], "m.relates_to") != nil {
		t.Errorf("editions: got %d, the first %v, want one, encrypted, that notifies nobody", len(all), all[0].Content.Raw)
	}
	for _, secret := range []string{"Global Mechanism", "subscribe digest"} {
		if strings.Contains(proxy.Crossed(), secret) {
			t.Errorf("%q crossed the wire in plain text", secret)
		}
	}
}
