package digest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/store"
)

// board is a platform that keeps what is posted and edited, by key.
type board struct {
	mu     sync.Mutex
	posts  []bot.Post
	edits  []bot.Post
	names  map[string]bool // of edits
	texts  map[string]string
	refuse error // of edits
	die    bool  // after each post, before anybody knows
}

var errCut = &bot.PostError{Outcome: bot.Unknown, Err: errors.New("the connection was cut")}

func (w *board) Post(_ context.Context, p bot.Post) (bot.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.names == nil {
		w.texts, w.names = map[string]string{}, map[string]bool{}
	}
	if _, there := w.texts[p.Key]; !there || !p.Doubtful {
		w.posts = append(w.posts, p)
		w.texts[p.Key] = p.Reply.String()
	}
	if w.die {
		return bot.Receipt{}, errCut
	}
	return bot.Receipt{ID: "event-" + p.Key}, nil
}

func (w *board) Edit(_ context.Context, p bot.Post, posted bot.Receipt, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != nil {
		return w.refuse
	}
	if w.names == nil {
		w.texts, w.names = map[string]string{}, map[string]bool{}
	}
	if posted.ID != "event-"+p.Key {
		return fmt.Errorf("got receipt %q for %s", posted.ID, p.Key)
	}
	if !w.names[name] {
		w.names[name] = true
		w.edits = append(w.edits, p)
		w.texts[p.Key] = p.Reply.String()
	}
	return nil
}

// mute is a board on which nothing can be edited.
type mute struct{ board *board }

func (m mute) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) { return m.board.Post(ctx, p) }

func keep(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func known(t *testing.T) (*calendar.Calendar, *corpus.Corpus) {
	t.Helper()
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	record, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return cal, record
}

// moved is the calendar after changes of the thematic groups' meetings, field by
// field, on a day of November 2026.
func moved(t *testing.T, cal *calendar.Calendar, day int, fields ...string) *calendar.Calendar {
	t.Helper()
	var changes []calendar.Amendment
	for i := 0; i < len(fields); i += 2 {
		changes = append(changes, calendar.Amendment{
			Row: "gm-dtg-2026", Field: fields[i], Value: fields[i+1], Source: "https://example.org/new", Checked: calendar.Date{Year: 2026, Month: time.November, Day: day},
		})
	}
	out, err := cal.Amended(changes...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// desk is a corrector on 23 November that knows the calendar and the record, with its
// store and the board where it posts.
func desk(t *testing.T) (*calendar.Calendar, *corpus.Corpus, *store.Store, *board, *digest.Corrector) {
	t.Helper()
	cal, record := known(t)
	s, w := keep(t), &board{}
	c := corrector(s, w, 23)
	ok(t, c.Know(t.Context(), cal, record))
	return cal, record, s, w, c
}

func clockAt(day int) func() time.Time {
	return func() time.Time { return time.Date(2026, time.November, day, 9, 0, 0, 0, time.UTC) }
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func corrector(s *store.Store, p digest.Poster, day int) *digest.Corrector {
	return &digest.Corrector{Archive: s, Posters: map[string]digest.Poster{"fake": p}, Log: quiet(), Now: clockAt(day)}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// announce posts the edition of 23 November to a room and remembers it.
func announce(t *testing.T, c *digest.Corrector, p digest.Poster, cal *calendar.Calendar, record *corpus.Corpus, room, key string) {
	t.Helper()
	due := clockAt(23)()
	reply, err := digest.NewPress(cal, record, 30*24*time.Hour).Write(t.Context(), digest.Edition{Due: due, Now: due})
	ok(t, err)
	post := bot.Post{Room: bot.Room{Platform: "fake", ID: room}, Key: key, Reply: reply, Purpose: bot.ForDigest}
	receipt, err := p.Post(t.Context(), post)
	ok(t, err)
	ok(t, c.Posted(t.Context(), post, receipt))
}

func TestADateThatMovesIsCorrectedInEveryRoomOnce(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	announce(t, c, w, cal, record, "B", "edition-b")
	// An answer in a thread of room A relies on the row too, another one does not.
	answer := bot.Reply{bot.Lead{Text: "The groups meet on 7–11 December 2026."}, bot.Fact{ID: "gm-dtg-2026", Text: "Global Mechanism, DTG: 7–11 December 2026, in 14 days (10 working days)", Source: "https://meetings.unoda.org/meeting/76825"}}
	later := corrector(s, w, 23)
	later.Now = func() time.Time { return clockAt(23)().Add(time.Hour) }
	ok(t, later.Know(t.Context(), cal, record))
	ok(t, later.Posted(t.Context(), bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Thread: "thread-1", Key: "answer-a", Reply: answer}, bot.Receipt{ID: "event-answer-a"}))
	ok(t, c.Posted(t.Context(), bot.Post{Room: bot.Room{Platform: "fake", ID: "C"}, Key: "answer-c", Reply: bot.Say("hello")}, bot.Receipt{ID: "event-answer-c"}))
	w.mu.Lock()
	w.posts = nil
	w.mu.Unlock()
	c.Tick(t.Context())
	if len(w.posts)+len(w.edits) != 0 {
		t.Fatalf("nothing has changed: got %d posts and %d edits, want none", len(w.posts), len(w.edits))
	}

	now := moved(t, cal, 24, "start", "2026-12-14", "end", "2026-12-18")
	// Two replicas learn of it, and each again after a restart.
	for range 2 {
		for range 2 {
			next := corrector(s, w, 24)
			ok(t, next.Know(t.Context(), now, record, "gm-dtg-2026"))
			next.Tick(t.Context())
			next.Tick(t.Context())
		}
	}
	var edited, told []string
	for _, e := range w.edits {
		edited = append(edited, e.Key)
	}
	for _, p := range w.posts {
		told = append(told, p.Room.ID+" in "+p.Thread)
	}
	slices.Sort(edited)
	slices.Sort(told)
	if diff := cmp.Diff([]string{"answer-a", "edition-a", "edition-b"}, edited); diff != "" {
		t.Errorf("edits (want, got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"A in thread-1", "B in event-edition-b"}, told); diff != "" {
		t.Errorf("notices (want, got):\n%s", diff)
	}
	const line = "14–18 December 2026, in 21 days (15 working days) (corrected: date was 7–11 December 2026, now 14–18 December 2026)"
	for key, wants := range map[string][]string{
		"edition-a": {"Global Mechanism, dedicated thematic group (DTG) meetings: " + line, "source: https://example.org/new · checked 24 November 2026", "31 December 2026, New York"},
		"answer-a":  {"The groups meet on 7–11 December 2026.", "Global Mechanism, DTG: " + line},
	} {
		for _, want := range wants {
			if got := w.texts[key]; !strings.Contains(got, want) {
				t.Errorf("%s: got\n%s\nwant it to hold %q", key, got, want)
			}
		}
	}
	slices.SortFunc(w.posts, func(a, b bot.Post) int { return strings.Compare(a.Room.ID, b.Room.ID) })
	notice := w.posts[1].Reply
	for _, want := range []string{
		"Correction: Global Mechanism, dedicated thematic group (DTG) meetings: was 7–11 December 2026, now 14–18 December 2026 (seen on 24 November 2026)",
		"source: https://example.org/new", "The post above says so now.", "UID:gm-dtg-2026@rapporteur", "SEQUENCE:1", "DTSTART;VALUE=DATE:20261214",
	} {
		if !strings.Contains(notice.String(), want) {
			t.Errorf("notice: got\n%s\nwant it to hold %q", notice, want)
		}
	}
	if !strings.Contains(w.posts[0].Reply.String(), "The 2 posts in this room that said otherwise say so now.") {
		t.Errorf("notice of two posts: got\n%s", w.posts[0].Reply)
	}

	// A replica that still has the old file corrects nothing back.
	old := corrector(s, w, 25)
	ok(t, old.Know(t.Context(), cal, record))
	old.Tick(t.Context())
	if len(w.posts) != 2 || len(w.edits) != 3 {
		t.Errorf("with an old file: got %d notices and %d edits, want no more than 2 and 3", len(w.posts), len(w.edits))
	}
}

func TestPlaceAndStatusAreCorrectedAndARowThatIsGone(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	for _, c := range []struct {
		fields         []string
		notice, edited string
	}{
		{[]string{"city", "New York", "venue", "Conference Room 3"}, "place was not known, now Conference Room 3, New York", "(9 working days at UN New York)"},
		{[]string{"status", "postponed"}, "status was takes place, now postponed", "7–11 December 2026 (corrected: status was takes place, now postponed)"},
		{[]string{"status", "cancelled", "city", "Geneva"}, "place was not known, now Geneva; status was takes place, now cancelled", "7–11 December 2026, Geneva (corrected"},
	} {
		s, w := keep(t), &board{}
		first := corrector(s, w, 23)
		ok(t, first.Know(t.Context(), cal, record))
		announce(t, first, w, cal, record, "A", "edition-a")
		next := corrector(s, w, 24)
		ok(t, next.Know(t.Context(), moved(t, cal, 24, c.fields...), record, "gm-dtg-2026"))
		next.Tick(t.Context())
		if len(w.posts) != 2 || !strings.Contains(w.posts[1].Reply.String(), c.notice) {
			t.Errorf("%q: got %d posts, the last of them\n%s\nwant %q in it", c.fields, len(w.posts), w.posts[len(w.posts)-1].Reply, c.notice)
		}
		if !strings.Contains(w.texts["edition-a"], c.edited) {
			t.Errorf("%q: got\n%s\nwant %q in it", c.fields, w.texts["edition-a"], c.edited)
		}
	}
}

func TestWhatCannotBeEditedIsToldAllTheSame(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	refusing := &board{refuse: &bot.PostError{Outcome: bot.Refused, Err: errors.New("too old")}}
	for name, p := range map[string]struct {
		board  *board
		poster digest.Poster
	}{
		"a platform without edits":   {&board{}, nil},
		"a platform that refuses it": {refusing, refusing},
	} {
		if p.poster == nil {
			p.poster = mute{p.board}
		}
		s := keep(t)
		c := corrector(s, p.poster, 23)
		ok(t, c.Know(t.Context(), cal, record))
		announce(t, c, p.poster, cal, record, "A", "edition-a")
		next := corrector(s, p.poster, 24)
		ok(t, next.Know(t.Context(), moved(t, cal, 24, "end", "2026-12-18"), record, "gm-dtg-2026"))
		next.Tick(t.Context())
		next.Tick(t.Context())
		if n := len(p.board.posts); n != 2 || !strings.Contains(p.board.posts[1].Reply.String(), "could not be edited and still says what was") {
			t.Errorf("%s: got %d posts, want the edition and one notice that says so", name, n)
		}
	}
}

func TestAProcessThatDiesOverACorrectionLeavesOneEditAndOneNotice(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	next := corrector(s, w, 24)
	ok(t, next.Know(t.Context(), moved(t, cal, 24, "end", "2026-12-18"), record, "gm-dtg-2026"))
	w.die = true
	next.Tick(t.Context())
	w.die = false
	next.Tick(t.Context()) // the lease still runs
	if len(w.posts) != 2 {
		t.Fatalf("within the lease: got %d posts, want the edition and the notice of the one that died", len(w.posts))
	}
	later := corrector(s, w, 25)
	ok(t, later.Know(t.Context(), moved(t, cal, 24, "end", "2026-12-18"), record, "gm-dtg-2026"))
	later.Tick(t.Context())
	later.Tick(t.Context())
	if len(w.posts) != 2 || len(w.edits) != 1 {
		t.Errorf("got %d posts and %d edits, want the edition, one notice and one edit", len(w.posts), len(w.edits))
	}
}

func TestARoomIsToldTheWholeWayADateHasGone(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	for day, end := range []string{"2026-12-18", "2026-12-11", "2026-12-18"} {
		next := corrector(s, w, 24+day)
		ok(t, next.Know(t.Context(), moved(t, cal, 24+day, "end", end), record, "gm-dtg-2026"))
		next.Tick(t.Context())
	}
	var notices []string
	for _, p := range w.posts[1:] {
		_, rest, _ := strings.Cut(p.Reply.String(), "meetings: ")
		line, _, _ := strings.Cut(rest, "\n")
		notices = append(notices, line)
	}
	want := []string{
		"was 7–11 December 2026, now 7–18 December 2026 (seen on 24 November 2026)",
		"was 7–18 December 2026, now 7–11 December 2026 (seen on 25 November 2026)",
		"was 7–11 December 2026, now 7–18 December 2026 (seen on 26 November 2026)",
	}
	if diff := cmp.Diff(want, notices); diff != "" {
		t.Errorf("(want, got):\n%s", diff)
	}
}

func TestARowThatIsStruckFromTheCalendarIsTold(t *testing.T) {
	t.Parallel()
	cal, record, s, w, _ := desk(t)
	// The post shows a row that a younger file does not have any more.
	ok(t, second(s.Register(t.Context(), loaded("2026-11-23", append(states(t, cal), bot.RowState{Row: "struck", Version: "s1", Shown: []byte(`{"row":"struck","kind":"session","label":"Struck session","process":"global-mechanism","start":"2026-12-01","source":"https://example.org"}`)})...), clockAt(23)())))
	ok(t, s.Remember(t.Context(), bot.Posted{
		Key: "k", Room: bot.Room{Platform: "fake", ID: "A"}, Receipt: "event-k", At: clockAt(23)(), AsOf: clockAt(23)(),
		Reply:  []byte(`[{"kind":"fact","fact":{"ID":"struck","Text":"Struck session: 1 December 2026"}}]`),
		Relied: []bot.Relied{{Row: "struck", Version: "s1"}},
	}))
	next := corrector(s, w, 24)
	ok(t, next.Know(t.Context(), moved(t, cal, 24, "city", "New York"), record, "gm-dtg-2026"))
	next.Tick(t.Context())
	next.Tick(t.Context())
	if len(w.posts) != 1 || len(w.edits) != 1 {
		t.Fatalf("got %d notices and %d edits, want one of each", len(w.posts), len(w.edits))
	}
	for _, want := range []string{"Struck session: was 1 December 2026, now no longer in the calendar", "STATUS:CANCELLED", "SEQUENCE:1"} {
		if got := w.posts[0].Reply.String(); !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant it to hold %q", got, want)
		}
	}
	if got := w.texts["k"]; !strings.Contains(got, "Struck session: 1 December 2026 (corrected: no longer in the calendar)") {
		t.Errorf("got\n%s\nwant the post to say so", got)
	}
}

// loaded is a calendar of rows whose files were checked on a day.
func loaded(generation string, rows ...bot.RowState) bot.Loaded {
	return bot.Loaded{Rows: rows, Generation: generation, Files: "by hand"}
}

func second[A any](_ A, err error) error { return err }

// states are the rows of a calendar as they are registered.
func states(t *testing.T, cal *calendar.Calendar) []bot.RowState {
	t.Helper()
	var rows []bot.RowState
	seen := map[string]bool{}
	for _, s := range cal.Shown() {
		if !seen[s.Row] {
			seen[s.Row] = true
			rows = append(rows, bot.RowState{Row: s.Row, Version: s.Version(), Shown: []byte("{}")})
		}
	}
	return rows
}
