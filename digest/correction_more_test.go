package digest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/digest"
)

// TestADayThatBecomesKnownIsWrittenIntoTheLine learns the day of a session that an
// edition listed as expected without a date, in two languages.
func TestADayThatBecomesKnownIsWrittenIntoTheLine(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	for language, want := range map[string]string{
		"en": "• Global Mechanism, second substantive plenary session: 19–23 July 2027, in 238 days (",
		"fr": "• Global Mechanism, second substantive plenary session: 19–23 juillet 2027, dans 238 jours (",
	} {
		s, w := keep(t), &board{}
		c := corrector(s, w, 23)
		ok(t, c.Know(t.Context(), cal, record))
		due := clockAt(23)()
		sub := bot.Subscription{Options: map[string]string{digest.OptionLanguage: language}}
		reply, err := digest.NewPress(cal, record, 30*24*time.Hour).Write(t.Context(), digest.Edition{Subscription: sub, Due: due, Now: due})
		ok(t, err)
		post := bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Key: "edition-a", Reply: reply, Purpose: bot.ForDigest}
		receipt, err := w.Post(t.Context(), post)
		ok(t, err)
		ok(t, c.Posted(t.Context(), post, receipt))
		var changes []calendar.Amendment
		for _, f := range [][2]string{{"start", "2027-07-19"}, {"end", "2027-07-23"}, {"status", "scheduled"}} {
			changes = append(changes, calendar.Amendment{
				Row: "gm-plenary-2027", Field: f[0], Value: f[1], Source: "https://example.org/new", Checked: calendar.Date{Year: 2026, Month: time.November, Day: 24},
			})
		}
		now, err := cal.Amended(changes...)
		ok(t, err)
		next := corrector(s, w, 24)
		ok(t, next.Know(t.Context(), now, record, "gm-plenary-2027"))
		next.Tick(t.Context())
		got := w.texts["edition-a"]
		if !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s\nwant it to hold %q", language, got, want)
		}
		_, line, _ := strings.Cut(got, want)
		line, _, _ = strings.Cut(line, "\n")
		if strings.Contains(line, "expected;") || strings.Contains(line, "attendu ;") {
			t.Errorf("%s: got %q, want nothing left of what was expected", language, line)
		}
	}
}

// TestALineWithoutDaysGetsNone corrects an answer that says when, and not how far off.
func TestALineWithoutDaysGetsNone(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	row, _ := cal.ShownRow("gm-dtg-2026")
	answer := bot.Reply{bot.Fact{ID: row.Row, Text: row.Label + ": 7–11 December 2026; no chair is known", Source: "https://example.org"}}
	ok(t, c.Posted(t.Context(), bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Key: "answer-a", Reply: answer}, bot.Receipt{ID: "event-answer-a"}))
	next := corrector(s, w, 24)
	ok(t, next.Know(t.Context(), moved(t, cal, 24, "end", "2026-12-18"), record, row.Row))
	next.Tick(t.Context())
	if got := w.texts["answer-a"]; !strings.Contains(got, row.Label+": 7–18 December 2026; no chair is known (corrected: ") {
		t.Errorf("got\n%s\nwant the new days and nothing else", got)
	}
}

// TestARowThatComesBackIsToldAndPutRight strikes a row from a faulty file and mends
// the file: the room hears of both, and the post says in the end what is.
func TestARowThatComesBackIsToldAndPutRight(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	rows := shownRows(t, cal)
	var faulty []bot.RowState
	for _, row := range rows {
		if row.Row != "gm-dtg-2026" {
			faulty = append(faulty, row)
		}
	}
	tell := func(rows []bot.RowState, files string, day int) {
		t.Helper()
		_, err := s.Register(t.Context(), bot.Loaded{Rows: rows, Generation: "2026-11-" + files, Files: files}, clockAt(day)())
		ok(t, err)
		c.Tick(t.Context())
		c.Tick(t.Context())
	}
	tell(faulty, "24", 24)
	if got := w.texts["edition-a"]; !strings.Contains(got, "corrected: no longer in the calendar") {
		t.Errorf("struck: got\n%s\nwant it said", got)
	}
	tell(rows, "25", 25)
	if len(w.posts) != 3 {
		t.Fatalf("got %d posts, want the edition and two notices", len(w.posts))
	}
	const want = "in the calendar again: 7–11 December 2026"
	if got := w.posts[2].Reply.String(); !strings.Contains(got, want) || !strings.Contains(got, "Global Mechanism, dedicated thematic group") {
		t.Errorf("back: got\n%s\nwant it to hold %q", got, want)
	}
	if got := w.texts["edition-a"]; !strings.Contains(got, want) {
		t.Errorf("back: got\n%s\nwant it to hold %q", got, want)
	}
}

// TestAValueThatComesBackHasItsNewSource moves a day there and back, each time by
// another page.
func TestAValueThatComesBackHasItsNewSource(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	for i, change := range [][2]string{{"2026-12-18", "https://example.org/there"}, {"2026-12-11", "https://example.org/back"}} {
		now, err := cal.Amended(calendar.Amendment{
			Row: "gm-dtg-2026", Field: "end", Value: change[0], Source: change[1], Checked: calendar.Date{Year: 2026, Month: time.November, Day: 24 + i},
		})
		ok(t, err)
		next := corrector(s, w, 24+i)
		ok(t, next.Know(t.Context(), now, record, "gm-dtg-2026"))
		next.Tick(t.Context())
		if got := w.posts[len(w.posts)-1].Reply.String(); !strings.Contains(got, "source: "+change[1]) {
			t.Errorf("got\n%s\nwant the source %s", got, change[1])
		}
	}
}

// TestACorrectionThatSurelyDidNotComeIsNotLookedFor refuses the first attempt at a
// notice before it is made, on a platform where nobody may look: it is told all the
// same.
func TestACorrectionThatSurelyDidNotComeIsNotLookedFor(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	busy := &busyOnce{board: w}
	for day := 24; day < 26; day++ {
		next := corrector(s, busy, day)
		ok(t, next.Know(t.Context(), moved(t, cal, 24, "end", "2026-12-18"), record, "gm-dtg-2026"))
		next.Tick(t.Context())
	}
	if len(busy.doubtful) != 2 || busy.doubtful[0] || busy.doubtful[1] {
		t.Errorf("got notices that are doubtful %v, want two attempts without doubt", busy.doubtful)
	}
	if len(w.posts) != 2 {
		t.Errorf("got %d posts, want the edition and the notice", len(w.posts))
	}
}

// busyOnce refuses the first post: it surely was not made.
type busyOnce struct {
	*board
	doubtful []bool
}

// Post implements [digest.Poster].
func (b *busyOnce) Post(ctx context.Context, p bot.Post) (bot.Receipt, error) {
	b.doubtful = append(b.doubtful, p.Doubtful)
	if len(b.doubtful) == 1 {
		return bot.Receipt{}, &bot.PostError{Outcome: bot.NotSent, Err: errors.New("too many")}
	}
	return b.board.Post(ctx, p)
}

// shownRows are the rows of a calendar as they are registered.
func shownRows(t *testing.T, cal *calendar.Calendar) []bot.RowState {
	t.Helper()
	var rows []bot.RowState
	seen := map[string]bool{}
	for _, s := range cal.Shown() {
		if !seen[s.Row] {
			seen[s.Row] = true
			data, err := json.Marshal(s)
			ok(t, err)
			rows = append(rows, bot.RowState{Row: s.Row, Version: s.Version(), Shown: data})
		}
	}
	return rows
}

// without is the calendar without a row of its sessions file.
func without(t *testing.T, row string) *calendar.Calendar {
	t.Helper()
	dir := t.TempDir()
	ok(t, os.CopyFS(dir, os.DirFS("../calendar/facts")))
	file := filepath.Join(dir, "sessions.yaml")
	data, err := os.ReadFile(file)
	ok(t, err)
	var kept []string
	for entry := range strings.SplitSeq("\n"+string(data), "\n- id: ") {
		if !strings.HasPrefix(entry, row+"\n") {
			kept = append(kept, entry)
		}
	}
	ok(t, os.WriteFile(file, []byte(strings.TrimPrefix(strings.Join(kept, "\n- id: "), "\n")), 0o600))
	cal, err := calendar.Load(os.DirFS(dir))
	ok(t, err)
	if _, there := cal.Session(row); there {
		t.Fatalf("%s is still there", row)
	}
	return cal
}

// TestARowThatIsStruckIsSaidInOneEdition strikes a session that an edition has
// announced, and brings it back: each is said once.
func TestARowThatIsStruckIsSaidInOneEdition(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", nil)
	whole, struck := s.calendar, without(t, "gm-dtg-2026")
	s.edition("2026-11-23T08:00:00Z")
	const gone, back = "no longer in the calendar", "in the calendar again: 7–11 December 2026"
	for _, e := range []struct {
		due  string
		cal  *calendar.Calendar
		want string
	}{
		{"2026-11-24T08:00:00Z", struck, gone},
		{"2026-11-25T08:00:00Z", struck, ""},
		{"2026-11-26T08:00:00Z", whole, back},
		{"2026-11-27T08:00:00Z", whole, ""},
	} {
		s.calendar = e.cal
		s.know("gm-dtg-2026")
		got := s.edition(e.due).String()
		for _, words := range []string{gone, back} {
			if (strings.Contains(got, words) != (words == e.want)) && (words != gone || e.want != back) {
				t.Errorf("%s: got\n%s\nwant %q in it: %v", e.due, got, words, words == e.want)
			}
		}
	}
}

// TestTheFileOfAnEditionStrikesOutWhatWasCalledOff cancels one session and strikes
// another between two editions: people's calendars are told of both.
func TestTheFileOfAnEditionStrikesOutWhatWasCalledOff(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-23T08:00:00Z", map[string]string{digest.OptionCalendarFile: digest.Yes})
	s.edition("2026-11-23T08:00:00Z")
	cancelled, err := without(t, "cc-signature-close").Amended(calendar.Amendment{
		Row: "gm-dtg-2026", Field: "status", Value: "cancelled", Source: "https://example.org/new", Checked: calendar.Date{Year: 2026, Month: time.November, Day: 24},
	})
	ok(t, err)
	s.calendar = cancelled
	s.know("gm-dtg-2026", "cc-signature-close")
	files := s.edition("2026-11-24T08:00:00Z").Files()
	if len(files) != 1 {
		t.Fatalf("got %d files, want one", len(files))
	}
	for _, row := range []string{"gm-dtg-2026", "cc-signature-close"} {
		_, event, _ := strings.Cut(string(files[0].Data), "UID:"+row+"@rapporteur")
		event, _, _ = strings.Cut(event, "END:VEVENT")
		if !strings.Contains(event, "STATUS:CANCELLED") || !strings.Contains(event, "SEQUENCE:1") {
			t.Errorf("%s: got %q, want it cancelled under the next number", row, event)
		}
	}
}

// TestADayThatIsNoLongerKnownIsStruckFromPeoplesCalendars takes the day of a session
// away: the file of the notice cancels what stands in people's calendars.
func TestADayThatIsNoLongerKnownIsStruckFromPeoplesCalendars(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "A", "edition-a")
	source := calendar.Date{Year: 2026, Month: time.November, Day: 24}
	vague, err := cal.Amended(
		calendar.Amendment{Row: "gm-dtg-2026", Field: "start", Value: "2027", Source: "https://example.org/new", Checked: source},
		calendar.Amendment{Row: "gm-dtg-2026", Field: "end", Value: "2027", Source: "https://example.org/new", Checked: source},
	)
	ok(t, err)
	next := corrector(s, w, 24)
	ok(t, next.Know(t.Context(), vague, record, "gm-dtg-2026"))
	next.Tick(t.Context())
	next.Tick(t.Context())
	files := w.posts[len(w.posts)-1].Reply.Files()
	if len(files) != 1 {
		t.Fatalf("got %d files, want one with the notice", len(files))
	}
	for _, want := range []string{"UID:gm-dtg-2026@rapporteur\r\n", "STATUS:CANCELLED\r\n", "SEQUENCE:1\r\n", "DTSTART;VALUE=DATE:20261207\r\n", "No day is known any more."} {
		if got := string(files[0].Data); !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %q in it", got, want)
		}
	}
}

// TestTheRoomThatReplacesAnotherIsTold moves a room and then a day: nothing is edited
// where the bot is no more, and the new room hears of it.
func TestTheRoomThatReplacesAnotherIsTold(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	announce(t, c, w, cal, record, "old", "edition-a")
	ok(t, second(s.MoveRoom(t.Context(), bot.Room{Platform: "fake", ID: "old"}, bot.Room{Platform: "fake", ID: "new"})))
	next := corrector(s, w, 24)
	ok(t, next.Know(t.Context(), moved(t, cal, 24, "end", "2026-12-18"), record, "gm-dtg-2026"))
	next.Tick(t.Context())
	next.Tick(t.Context())
	if len(w.edits) != 0 || len(w.posts) != 2 {
		t.Fatalf("got %d edits and %d posts, want none but the edition and the notice", len(w.edits), len(w.posts))
	}
	notice := w.posts[1]
	if got := notice.Reply.String(); notice.Room.ID != "new" || notice.Thread != "" || !strings.Contains(got, "now 7–18 December 2026") || !strings.Contains(got, "still says what was") {
		t.Errorf("got in %s, thread %q:\n%s\nwant the new room told", notice.Room.ID, notice.Thread, got)
	}
}

// TestCorrectionsAreSpread moves a day that many rooms were told: they are told of
// it one after the other, and so many in a second as may be.
func TestCorrectionsAreSpread(t *testing.T) {
	t.Parallel()
	cal, record, s, w, c := desk(t)
	const rooms, rate = 5, 20.0
	for i := range rooms {
		announce(t, c, w, cal, record, fmt.Sprint("room", i), fmt.Sprint("edition-", i))
	}
	next := corrector(s, w, 24)
	next.PerSecond = map[string]float64{"fake": rate}
	ok(t, next.Know(t.Context(), moved(t, cal, 24, "end", "2026-12-18"), record, "gm-dtg-2026"))
	start := time.Now()
	next.Tick(t.Context())
	if took, least := time.Since(start), rooms*time.Second/rate; took < least || len(w.posts) != 2*rooms {
		t.Errorf("got %d posts in %v, want %d in no less than %v", len(w.posts), took, 2*rooms, least)
	}
}

// TestWhatWasTakenBackIsNotBroughtBack takes back the question of one of two answers
// that say a day, and then that of the other: nobody hears of what is not there.
func TestWhatWasTakenBackIsNotBroughtBack(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	for withdrawn, notices := range map[string]int{"answer-b": 1, "answer-a answer-b": 0} {
		s, w := keep(t), &board{}
		c := corrector(s, w, 23)
		ok(t, c.Know(t.Context(), cal, record))
		for _, key := range []string{"answer-a", "answer-b"} {
			answer := bot.Reply{bot.Fact{ID: "gm-dtg-2026", Text: "Global Mechanism: 7–11 December 2026", Source: "https://example.org"}}
			ok(t, c.Posted(t.Context(), bot.Post{Room: bot.Room{Platform: "fake", ID: "A"}, Thread: "thread-" + key, Key: key, Reply: answer}, bot.Receipt{ID: "event-" + key}))
		}
		taken := takenBack{board: w, keys: withdrawn}
		next := corrector(s, taken, 24)
		ok(t, next.Know(t.Context(), moved(t, cal, 24, "end", "2026-12-18"), record, "gm-dtg-2026"))
		next.Tick(t.Context())
		next.Tick(t.Context())
		if len(w.posts) != notices || (notices > 0 && (w.posts[0].Thread != "thread-answer-a" || !strings.Contains(w.posts[0].Reply.String(), "The post above says so now."))) {
			t.Errorf("%s taken back: got %d notices %v, want %d, in the thread that is there", withdrawn, len(w.posts), w.posts, notices)
		}
	}
}

// takenBack is a board from which some posts were taken back with their questions.
type takenBack struct {
	*board
	keys string
}

// Edit implements [bot.Editor].
func (b takenBack) Edit(ctx context.Context, p bot.Post, posted bot.Receipt, name string) error {
	if strings.Contains(b.keys, p.Key) {
		return &bot.PostError{Outcome: bot.Refused, Err: bot.ErrWithdrawn}
	}
	return b.board.Edit(ctx, p, posted, name)
}
