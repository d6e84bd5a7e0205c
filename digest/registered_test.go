package digest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/store"
)

// following is a store in which one room follows the sessions of the Global
// Mechanism, of which the next edition is known to be due at a slot, and a clock.
func following(t *testing.T, slot, now string) (*store.Store, *atomic.Int64) {
	t.Helper()
	s, clock := keep(t), &atomic.Int64{}
	clock.Store(instant(t, now).UnixMilli())
	sub := sessionOrder(t, slot)
	sub.Room = bot.Room{Platform: "fake", ID: "A"}
	sub.CreatedAt = instant(t, "2026-11-01T12:00:00Z")
	_, err := s.Subscribe(t.Context(), sub)
	ok(t, err)
	return s, clock
}

// openFollowing is [openOffice] of a courier whose schedules follow what is
// registered.
func openFollowing(t *testing.T, s *store.Store, now *atomic.Int64, cal *calendar.Calendar, record *corpus.Corpus) *office {
	t.Helper()
	o := openOffice(t, s, &board{}, now)
	o.courier.Registry = o.corrector
	o.follow(cal, record)
	return o
}

// follow lets an office know a calendar.
func (o *office) follow(cal *calendar.Calendar, record *corpus.Corpus) {
	o.t.Helper()
	o.know(cal, record)
	o.courier.Sessions = digest.SessionsOf(cal)
	o.courier.Refresh()
}

// at lets the clock show an instant and the office do what is to be done then.
func (o *office) at(moment string) {
	o.t.Helper()
	o.now.Store(instant(o.t, moment).UnixMilli())
	o.courier.Tick(o.t.Context())
}

// next is the slot of the one subscription.
func (o *office) next() string {
	o.t.Helper()
	sub, err := o.store.Subscription(o.t.Context(), 1)
	ok(o.t, err)
	return sub.Slot
}

// history writes the deliveries of the room, the oldest first.
func (o *office) history() []string {
	o.t.Helper()
	rows, err := o.store.Deliveries(o.t.Context(), bot.Room{Platform: "fake", ID: "A"}, 20)
	ok(o.t, err)
	var lines []string
	for _, d := range rows {
		line := d.Slot + " " + d.State
		if d.Reason != "" {
			line += " " + d.Reason
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// earlier is the calendar in which the meetings begin on 3 December and not on the
// 7th.
func earlier(t *testing.T, cal *calendar.Calendar) *calendar.Calendar {
	t.Helper()
	return moved(t, cal, 24, "start", "2026-12-03", "end", "2026-12-09")
}

func TestAnOlderCalendarMovesNoEditionBack(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, now := following(t, "2026-11-30T09:00", "2026-11-24T12:00:00Z")
	younger := openFollowing(t, s, now, earlier(t, cal), record)
	younger.at("2026-11-24T12:00:00Z")
	older := openFollowing(t, s, now, cal, record)
	older.at("2026-11-24T12:05:00Z")
	if got := older.next(); got != "2026-11-26T09:00" {
		t.Errorf("got %s next after the older calendar has looked, want the day a week before the new day", got)
	}
	for _, each := range []*office{older, younger} { // whoever plans what is due
		each.at("2026-11-26T09:00:00Z")
		each.at("2026-12-02T09:00:00Z")
	}
	want := []string{"2026-11-26T09:00 sent", "2026-12-02T09:00 sent"}
	if diff := cmp.Diff(want, older.history()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAReplicaWithAnOlderCalendarFollowsWhatIsRegistered(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, now := following(t, "2026-11-30T09:00", "2026-11-24T12:00:00Z")
	older := openFollowing(t, s, now, cal, record)
	older.at("2026-11-24T12:00:00Z")
	_ = openFollowing(t, s, now, earlier(t, cal), record) // it registers and dies
	for day := 25; day <= 30; day++ {
		older.at(fmt.Sprintf("2026-11-%dT09:00:00Z", day))
		older.at(fmt.Sprintf("2026-11-%dT13:00:00Z", day))
	}
	older.at("2026-12-02T09:00:00Z")
	want := []string{"2026-11-26T09:00 sent", "2026-12-02T09:00 sent"}
	if diff := cmp.Diff(want, older.history()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAReplicaThatDoesNotKnowAProcessMovesNothing has a younger calendar bring a
// process under which nobody knows here what belongs to what is asked for.
func TestAReplicaThatDoesNotKnowAProcessMovesNothing(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, now := following(t, "2026-11-26T09:00", "2026-11-24T12:00:00Z") // as the younger one stored it
	older := openFollowing(t, s, now, cal, record)
	shown := calendar.Shown{Row: "new-process", Kind: "process", Process: "new-process", Label: "New process", Start: "2027-01-01"}
	data, err := json.Marshal(shown)
	ok(t, err)
	rows := append(shownRows(t, cal), bot.RowState{Row: shown.Row, Version: shown.Version(), Shown: data})
	_, err = s.Register(t.Context(), bot.Loaded{Rows: rows, Generation: "2027-01-01", Files: "younger"}, clockAt(24)())
	ok(t, err)
	older.at("2026-11-24T12:05:00Z")
	if got := older.next(); got != "2026-11-26T09:00" {
		t.Errorf("got %s next, want it left as it was stored", got)
	}
	older.at("2026-11-26T09:00:00Z")
	if diff := cmp.Diff([]string{"2026-11-26T09:00 sent"}, older.history()); diff != "" {
		t.Errorf("what is due (-want +got):\n%s", diff)
	}
}

func TestAnEditionThatTheNewCalendarHadDueBeforeTheLookIsNotLost(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	const week, eve = "2026-11-26T09:00", "2026-12-02T09:00"
	for name, c := range map[string]struct {
		learns  string
		restart bool
		want    []string
	}{
		"within the grace":                  {"2026-11-26T10:00:00Z", false, []string{week + " sent"}},
		"behind the grace":                  {"2026-11-26T18:00:00Z", false, []string{week + " missed expired: nobody was there to send it in time"}},
		"within the grace, after a restart": {"2026-11-26T10:00:00Z", true, []string{week + " sent"}},
	} {
		s, now := following(t, "2026-11-30T09:00", "2026-11-26T08:30:00Z")
		o := openFollowing(t, s, now, cal, record)
		o.at("2026-11-26T08:30:00Z")
		now.Store(instant(t, c.learns).UnixMilli())
		if c.restart {
			o = openFollowing(t, s, now, earlier(t, cal), record)
		} else {
			o.follow(earlier(t, cal), record)
		}
		for range 3 {
			o.at(c.learns)
			o.courier.Refresh()
		}
		if diff := cmp.Diff(c.want, o.history()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got := o.next(); got != eve {
			t.Errorf("%s: got %s next, want %s", name, got, eve)
		}
	}
}

// TestAnEditionThatIsOverlookedWhileAnotherIsDueIsWrittenDown moves a session while
// nobody looks, until the stored edition is due as well.
func TestAnEditionThatIsOverlookedWhileAnotherIsDueIsWrittenDown(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, now := following(t, "2026-11-30T09:00", "2026-11-25T12:00:00Z")
	o := openFollowing(t, s, now, cal, record)
	o.at("2026-11-25T12:00:00Z")
	now.Store(instant(t, "2026-11-30T09:00:00Z").UnixMilli())
	o.follow(earlier(t, cal), record)
	o.at("2026-11-30T09:00:00Z")
	want := []string{"2026-11-26T09:00 missed superseded by a later slot", "2026-11-30T09:00 sent"}
	if diff := cmp.Diff(want, o.history()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWhatIsOrderedAfterItsTimeDoesNotComeLate has a room turn to a process on the
// day a week before its session, an hour after the edition would have gone out.
func TestWhatIsOrderedAfterItsTimeDoesNotComeLate(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, now := following(t, "2026-11-30T09:00", "2026-11-28T12:00:00Z")
	o := openFollowing(t, s, now, cal, record)
	sub, err := s.Subscription(t.Context(), 1)
	ok(t, err)
	to := sub
	to.Options = map[string]string{digest.OptionTopics: "no process"}
	to.Next, to.Slot = time.Time{}, ""
	_, err = s.Change(t.Context(), sub, to)
	ok(t, err)
	o.at("2026-11-30T08:30:00Z")
	turned, err := s.Subscription(t.Context(), 1)
	ok(t, err)
	back := turned
	back.Options, back.Next, back.Slot = sub.Options, instant(t, "2026-12-06T09:00:00Z"), "2026-12-06T09:00"
	_, err = s.Change(t.Context(), turned, back)
	ok(t, err)
	o.at("2026-11-30T10:00:00Z")
	o = openFollowing(t, s, now, cal, record) // and after a restart
	o.at("2026-11-30T10:01:00Z")
	if got := o.history(); len(got) > 0 {
		t.Errorf("got %q, want nothing that the room did not follow then", got)
	}
}
