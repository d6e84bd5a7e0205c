package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/config"
	"rapporteur/store"
)

// home runs the program with a database of its own on a day of November 2026.
type home struct {
	t   *testing.T
	dir string
}

// run runs a command with lines of input and returns what it prints.
func (h home) run(input string, args ...string) string {
	h.t.Helper()
	out, log := &heard{}, &heard{}
	code := run(h.t.Context(), args, environment{
		getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": h.dir}[name] },
		in:     strings.NewReader(input), out: out, err: log, now: time.Now,
	})
	if code != 0 {
		h.t.Fatalf("rapporteur %s: got exit code %d, %s", strings.Join(args, " "), code, log)
	}
	return out.String()
}

func holds(t *testing.T, what, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s\nwant it to hold %q", what, got, want)
		}
	}
}

// TestAChangeConfirmedByTwoPeopleCorrectsWhatThePersonWasTold goes the whole way:
// an answer, a change by hand, a restart.
func TestAChangeConfirmedByTwoPeopleCorrectsWhatThePersonWasTold(t *testing.T) {
	t.Parallel()
	h := home{t, t.TempDir()}
	holds(t, "the answer", h.run("next Global Mechanism\n", "--at", "2026-11-23"), "7–11 December 2026, in 14 days")
	holds(t, "the proposal", h.run("", "--at", "2026-11-24", "calendar", "set", "gm-dtg-2026", "end", "2026-12-18", "--source", "https://example.org/new", "--by", "ann"), "waits for a second administrator")
	holds(t, "before it is confirmed", h.run("next Global Mechanism\n", "--at", "2026-11-24"), "7–11 December 2026")
	holds(t, "the same person", h.run("", "--at", "2026-11-24", "calendar", "confirm", "1", "--by", "ann"), "You proposed this change yourself")
	holds(t, "the second person", h.run("", "--at", "2026-11-24", "calendar", "confirm", "1", "--by", "ben"), "Confirmed")
	holds(t, "what was told otherwise", h.run("", "--at", "2026-11-24", "calendar", "diff"), "gm-dtg-2026", "date was 7–11 December 2026, now 7–18 December 2026")
	in, say := io.Pipe()
	out := &heard{}
	done := make(chan int, 1)
	go func() {
		done <- run(t.Context(), []string{"--at", "2026-11-24"}, environment{
			getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": h.dir}[name] },
			in:     in, out: out, err: io.Discard, now: time.Now,
		})
	}()
	const note = "Correction: Global Mechanism, dedicated thematic group (DTG) meetings: was 7–11 December 2026, now 7–18 December 2026 (seen on 24 November 2026)"
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(out.String(), note) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	_ = say.Close()
	<-done
	holds(t, "after the restart", out.String(), "Corrected:\n", "7–18 December 2026, in 14 days", note, "SEQUENCE:1")
	again := h.run("next Global Mechanism\n", "--at", "2026-11-24")
	holds(t, "from then on", again, "7–18 December 2026")
	if strings.Contains(again, "Correction:") {
		t.Errorf("got\n%s\nwant the correction once", again)
	}
	holds(t, "the file", h.run("", "--at", "2026-11-24", "ics", "Global", "Mechanism"), "UID:gm-dtg-2026@rapporteur\r\n", "SEQUENCE:1\r\n", "DTEND;VALUE=DATE:20261219\r\n")
}

// TestANewCalendarFileCorrectsWhileServing moves a day in the facts and lets the
// program read them anew.
func TestANewCalendarFileCorrectsWhileServing(t *testing.T) {
	t.Parallel()
	dir, facts := t.TempDir(), t.TempDir()
	if err := os.CopyFS(facts, os.DirFS("calendar/facts")); err != nil {
		t.Fatal(err)
	}
	in, say := io.Pipe()
	reload := make(chan os.Signal, 1)
	out, log := &heard{}, &heard{}
	done := make(chan int, 1)
	go func() {
		done <- run(t.Context(), []string{"--at", "2026-11-24"}, environment{
			getenv: func(name string) string {
				return map[string]string{"XDG_STATE_HOME": dir, "RAPPORTEUR_CALENDAR": facts}[name]
			},
			in: in, out: out, err: log, now: time.Now, reload: reload,
		})
	}()
	until := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !strings.Contains(out.String(), want); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("got\n%s\n%s\nwant %q", out, log, want)
			}
		}
	}
	_, _ = io.WriteString(say, "next Global Mechanism\n")
	until("7–11 December 2026, in 13 days")
	file := filepath.Join(facts, "sessions.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(data), "start: 2026-12-07", "start: soon", 1)
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	reload <- syscall.SIGHUP
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(log.String(), "soon") && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	holds(t, "a broken file", log.String(), "the old one goes on", "sessions.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), "start: 2026-12-07", "start: 2026-12-08", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	reload <- syscall.SIGHUP
	until("Correction: Global Mechanism, dedicated thematic group (DTG) meetings: was 7–11 December 2026, now 8–11 December 2026")
	_ = say.Close()
	<-done
}

func TestAFollowedTopicTurnsUpOnceWhenTheCorpusGainsIt(t *testing.T) {
	t.Parallel()
	h := home{t, t.TempDir()}
	dir := t.TempDir()
	first := h.run("follow submarine cables\nfollow sovereignty\n", "--corpus", dir)
	holds(t, "following", first, "This room follows submarine cables from now on")
	text := "---\ntitle: Statement of Norway\ndelegation: Norway\ndate: 2024-03-04\nlanguage: en\n---\nWe greet you all. Norway wants submarine cables to be protected by all. We thank you.\n"
	if err := os.WriteFile(filepath.Join(dir, "norway.md"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	told := ""
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(told, "New on submarine cables") && time.Now().Before(deadline); {
		told += h.slowly("--corpus", dir)
	}
	holds(t, "after a restart", told, "New on submarine cables, which this room follows", "Norway: «Norway wants submarine cables to be protected by all.»")
	if strings.Contains(told, "New on sovereignty") {
		t.Errorf("got\n%s\nwant no word of what was in the record when it was followed", told)
	}
	if again := h.slowly("--corpus", dir); strings.Contains(again, "New on") {
		t.Errorf("got\n%s\nwant to be told once", again)
	}
}

// slowly runs the program without input for a moment, so that it can tell things.
func (h home) slowly(args ...string) string {
	h.t.Helper()
	in, say := io.Pipe()
	out := &heard{}
	done := make(chan int, 1)
	go func() {
		done <- run(h.t.Context(), args, environment{
			getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": h.dir}[name] },
			in:     in, out: out, err: io.Discard, now: time.Now,
		})
	}()
	_, _ = io.WriteString(say, "version\n")
	for deadline := time.Now().Add(10 * time.Second); out.String() == "" && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	_ = say.Close()
	<-done
	return out.String()
}

// served is a newsroom with a subscription, and the handler of its feeds.
func served(t *testing.T) (*newsroom, bot.Subscription, http.Handler) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	at := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	p := &program{cli: &cli{}, env: environment{getenv: func(string) string { return "" }, now: func() time.Time { return at }}, at: at, started: at}
	c := config.Config{Administrators: []string{"test:ann", "test:ben"}, Feed: config.Feed{Listen: "127.0.0.1:0", URL: "https://calendar.example.org/"}}
	k, err := p.know(c)
	if err != nil {
		t.Fatal(err)
	}
	n, err := p.openNewsroom(t.Context(), c, k, db, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := db.Subscribe(t.Context(), bot.Subscription{
		Room: bot.Room{Platform: "test", ID: "A"}, Kind: "digest", Cron: "0 8 * * 1", Zone: "UTC", Next: at.AddDate(0, 0, 7), Slot: "s", CreatedAt: at,
		Options: map[string]string{"topics": "Global Mechanism"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, sub, n.feeds()
}

func (n *newsroom) say(t *testing.T, sender, text string) string {
	t.Helper()
	reply, err := n.swap.Answer(t.Context(), bot.Message{ID: text, Room: bot.Room{Platform: "test", ID: "A"}, Sender: sender, Text: text, SentAt: n.clock()})
	if err != nil {
		t.Fatal(err)
	}
	return reply.String()
}

func get(h http.Handler, path, etag string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFeedsAreServedByProcessAndBySubscription(t *testing.T) {
	t.Parallel()
	n, sub, feeds := served(t)
	whole, process := get(feeds, "/calendar.ics", ""), get(feeds, "/calendar/global-mechanism.ics", "")
	for name, w := range map[string]*httptest.ResponseRecorder{"all": whole, "process": process} {
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
			t.Errorf("%s: got %d, %s", name, w.Code, w.Header().Get("Content-Type"))
		}
	}
	holds(t, "all", whole.Body.String(), "UID:gm-dtg-2026@rapporteur", "UID:cc-signature-close@rapporteur")
	holds(t, "process", process.Body.String(), "UID:gm-dtg-2026@rapporteur")
	if strings.Contains(process.Body.String(), "cc-signature-close") {
		t.Error("the feed of one process holds a row of another")
	}
	address := n.feedOfSubscription(sub.ID)
	path, ours := strings.CutPrefix(address, "https://calendar.example.org")
	own := get(feeds, path, "")
	if !ours || own.Code != http.StatusOK || strings.Contains(own.Body.String(), "cc-signature-close") || !strings.Contains(own.Body.String(), "gm-dtg-2026") {
		t.Errorf("%s: got %d\n%s", address, own.Code, own.Body)
	}
	for _, path := range []string{"/", "/calendar", "/calendar/no-such.ics", "/calendar/global-mechanism", "/subscription/1.ics", "/subscription/" + n.feedToken(sub.ID), "/subscription/" + n.feedToken(sub.ID+1) + ".ics"} {
		if w := get(feeds, path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
	etag := process.Header().Get("ETag")
	if w := get(feeds, "/calendar/global-mechanism.ics", etag); etag == "" || w.Code != http.StatusNotModified {
		t.Errorf("unchanged: got %d, want 304", w.Code)
	}
	holds(t, "ics", n.say(t, "eve", "ics Global Mechanism"), "subscribe to https://calendar.example.org/calendar/global-mechanism.ics")
	holds(t, "ics #1", n.say(t, "eve", "ics #1"), address)
	if _, err := n.db.Sleep(t.Context(), sub.Room, sub.ID, "", n.clock()); err != nil {
		t.Fatal(err)
	}
	if w := get(feeds, path, ""); w.Code != http.StatusOK {
		t.Errorf("while it is paused: got %d, want the feed", w.Code)
	}
	if _, err := n.db.Unsubscribe(t.Context(), sub.Room, sub.ID, n.clock()); err != nil {
		t.Fatal(err)
	}
	if w := get(feeds, path, ""); w.Code != http.StatusNotFound {
		t.Errorf("after unsubscribe: got %d, want 404", w.Code)
	}
}

func TestTheSequenceIsRaisedOnlyByAChangeAndOutlivesARestart(t *testing.T) {
	t.Parallel()
	n, _, feeds := served(t)
	event := func() string {
		t.Helper()
		body := get(feeds, "/calendar/global-mechanism.ics", "").Body.String()
		_, rest, _ := strings.Cut(body, "UID:gm-dtg-2026@rapporteur\r\n")
		one, _, _ := strings.Cut(rest, "END:VEVENT")
		return one
	}
	holds(t, "at first", event(), "SEQUENCE:0\r\n")
	etag := get(feeds, "/calendar/global-mechanism.ics", "").Header().Get("ETag")
	for range 3 { // restarts
		if err := n.take(t.Context(), n.known.Load().files); err != nil {
			t.Fatal(err)
		}
	}
	if again := get(feeds, "/calendar/global-mechanism.ics", "").Header().Get("ETag"); again != etag {
		t.Error("a restart changes the feed")
	}
	n.say(t, "ann", "calendar set gm-dtg-2026 status cancelled source:https://example.org/new")
	holds(t, "proposed only", event(), "SEQUENCE:0\r\n", "STATUS:CONFIRMED")
	n.say(t, "ben", "calendar confirm 1")
	holds(t, "confirmed", event(), "SEQUENCE:1\r\n", "STATUS:CANCELLED", "SUMMARY:Cancelled: ")
	if err := n.take(t.Context(), n.known.Load().files); err != nil {
		t.Fatal(err)
	}
	holds(t, "after a restart", event(), "SEQUENCE:1\r\n")
	holds(t, "answers", n.say(t, "eve", "calendar gm-dtg-2026"), "cancelled")
}

func TestAFeedIsWrittenOnceForEachStateOfTheCalendar(t *testing.T) {
	t.Parallel()
	n, sub, feeds := served(t)
	paths := []string{"/calendar.ics", "/calendar/global-mechanism.ics", "/subscription/" + n.feedToken(sub.ID) + ".ics"}
	ask := func() {
		t.Helper()
		for range 50 {
			for _, path := range paths {
				if w := get(feeds, path, ""); w.Code != http.StatusOK {
					t.Fatalf("%s: got %d", path, w.Code)
				}
			}
		}
	}
	ask()
	if n.feedShelf.written != len(paths) {
		t.Errorf("got %d feeds written, want %d", n.feedShelf.written, len(paths))
	}
	n.say(t, "ann", "calendar set gm-dtg-2026 status cancelled source:https://example.org/new")
	n.say(t, "ben", "calendar confirm 1")
	ask()
	if n.feedShelf.written != 2*len(paths) {
		t.Errorf("after a change: got %d feeds written, want %d", n.feedShelf.written, 2*len(paths))
	}
	// A token that was never given is refused without the database.
	if err := n.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"1-aaaa", "-", "zzzzzzzzzzzzzzzzzz-a", strings.Repeat("9", 4000)} {
		if w := get(feeds, "/subscription/"+token+".ics", ""); w.Code != http.StatusNotFound {
			t.Errorf("%.20s: got %d, want 404", token, w.Code)
		}
	}
}

func TestTheFeedListensAndEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	n, _, _ := served(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.serveFeed(ctx) }()
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the listener did not end with the program")
	}
	n.c.Feed.Listen = "256.0.0.1:http:"
	if err := n.serveFeed(t.Context()); err == nil {
		t.Error("got no error for an address at which nobody can listen")
	}
}
