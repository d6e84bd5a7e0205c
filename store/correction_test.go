package store_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/store"
)

func calendarRow(id, version string) bot.RowState {
	return bot.RowState{Row: id, Version: version, Shown: []byte(`{"row":"` + id + `","v":"` + version + `"}`)}
}

func changedRows(rows []bot.RowState) []string {
	var out []string
	for _, r := range rows {
		line := r.Row + " " + r.Version
		if r.Gone {
			line = r.Row + " gone"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// loaded is a calendar of rows whose files were checked on a day.
func loaded(generation string, rows ...bot.RowState) bot.Loaded {
	var files strings.Builder
	for _, r := range rows {
		files.WriteString(r.Row + r.Version + " ")
	}
	return bot.Loaded{Rows: rows, Generation: generation, Files: files.String()}
}

// amendedRow is the row a, changed by hand so many hours after noon.
func amendedRow(version string, hour int) bot.RowState {
	row := calendarRow("a", version)
	row.Amended = noon().Add(time.Duration(hour) * time.Hour)
	return row
}

func TestOfTwoCalendarsTheYoungerIsRight(t *testing.T) {
	a1, a2, a3, b1 := calendarRow("a", "a1"), calendarRow("a", "a2"), calendarRow("a", "a3"), calendarRow("b", "b1")
	after := func(before, l bot.Loaded) bot.Loaded {
		l.Before = before.Files
		return l
	}
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		for n, step := range []struct {
			name     string
			loaded   bot.Loaded
			want     []string
			sequence int // of the row a afterwards
		}{
			{"the first calendar changes nothing", loaded("2026-11-23", a1, b1), nil, 0},
			{"the same again changes nothing", loaded("2026-11-23", a1, b1), nil, 0},
			{"a younger one changes a row", loaded("2026-11-24", a2, b1), []string{"a a2"}, 1},
			{"a replica with the old file changes nothing back", loaded("2026-11-23", a1, b1), nil, 1},
			{"nor one that has never registered before", loaded("2026-11-23", a3, b1), nil, 1},
			{"something new on the same day counts", loaded("2026-11-24", a3, b1), []string{"a a3"}, 2},
			{"a replica with the older file of that day changes nothing back", loaded("2026-11-24", a2, b1), nil, 2},
			{"nor when it reads that file anew", after(loaded("2026-11-24", a2, b1), loaded("2026-11-24", a2, b1)), nil, 2},
			{"a date that is set back on the same day counts", after(loaded("2026-11-24", a3, b1), loaded("2026-11-24", a2, b1)), []string{"a a2"}, 3},
			{"what was given up for it does not", loaded("2026-11-24", a3, b1), nil, 3},
			{"a row that the old file does not have is not gone", loaded("2026-11-23", a1), nil, 3},
			{"one that is struck on the same day is", loaded("2026-11-24", a2), []string{"b gone"}, 3},
			{"a replica that has it still does not bring it back", loaded("2026-11-24", a2, b1), nil, 3},
			{"a younger file does", loaded("2026-11-25", a2, b1), []string{"b b1"}, 3},
			{"what people change by hand counts on any file", loaded("2026-11-24", amendedRow("a1", 1), b1), []string{"a a1"}, 4},
			{"a replica that does not know of that yet changes nothing back", loaded("2026-11-25", a2, b1), nil, 4},
			{"a younger file that knows better overrides it", loaded("2026-11-26", amendedRow("a3", 1), b1), []string{"a a3"}, 5},
			{"a replica with the older file does not force it again", loaded("2026-11-25", amendedRow("a1", 1), b1), nil, 5},
			{"the next change by hand is another matter", loaded("2026-11-25", amendedRow("a2", 2), b1), []string{"a a2"}, 6},
		} {
			got, err := s.Register(t.Context(), step.loaded, noon().Add(time.Duration(n)*time.Hour))
			check(t, err)
			if diff := cmp.Diff(step.want, changedRows(got)); diff != "" {
				t.Errorf("%s (want, got):\n%s", step.name, diff)
			}
			states := must[map[string]bot.RowState](t)(s.RowStates(t.Context()))
			if got := states["a"].Sequence; got != step.sequence {
				t.Errorf("%s: got sequence %d, want %d", step.name, got, step.sequence)
			}
		}
	})
}

func TestTheOnlyProcessThatThereIsHasTheLatestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	for n, version := range []string{"a1", "a2", "a1"} { // set back while the bot is down
		s := must[*store.Store](t)(store.Open(t.Context(), path))
		changed := must[[]bot.RowState](t)(s.Register(t.Context(), loaded("2026-11-24", calendarRow("a", version)), noon()))
		if n > 0 && len(changed) != 1 {
			t.Errorf("%s: got %v changed, want the row", version, changed)
		}
		check(t, s.Close())
	}
}

func TestReplicasThatRegisterAtOnceRaiseTheSequenceOnce(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		check(t, second(s.Register(t.Context(), loaded("2026-11-23", calendarRow("a", "a1")), noon())))
		replicas := []*store.Store{s, s, s}
		if e.many {
			replicas = []*store.Store{s, open(t, dsn), open(t, dsn)}
		}
		var wait sync.WaitGroup
		for _, r := range replicas {
			wait.Go(func() {
				if _, err := r.Register(t.Context(), loaded("2026-11-24", calendarRow("a", "a2")), noon()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := must[map[string]bot.RowState](t)(s.RowStates(t.Context()))["a"].Sequence; got != 1 {
			t.Errorf("got sequence %d, want 1", got)
		}
	})
}

func second[A any](_ A, err error) error { return err }

// posted is a post in a room that showed rows, "a a1".
func posted(key, room string, at time.Time, relied ...bot.Relied) bot.Posted {
	return bot.Posted{
		Key: key, Room: bot.Room{Platform: "slack", ID: room}, Receipt: "r-" + key, Reply: []byte(`[]`), AsOf: at, At: at, Relied: relied,
	}
}

func TestEachRoomIsToldOfAChangeOnceWhateverDies(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		check(t, second(s.Register(ctx, loaded("2026-11-23", calendarRow("a", "a1"), calendarRow("b", "b1")), noon())))
		a1, b1 := bot.Relied{Row: "a", Version: "a1"}, bot.Relied{Row: "b", Version: "b1"}
		for _, p := range []bot.Posted{
			posted("one", "C1", noon(), a1, b1), posted("two", "C1", noon().Add(time.Minute), a1), posted("three", "C2", noon(), a1),
			posted("four", "C3", noon(), b1), posted("old", "C4", noon().AddDate(0, -7, 0), a1),
		} {
			check(t, s.Remember(ctx, p))
			check(t, s.Remember(ctx, p))
		}
		since := noon().AddDate(0, -6, 0)
		if n := must[int](t)(s.PlanCorrections(ctx, since, noon())); n != 0 {
			t.Fatalf("nothing has changed: got %d corrections, want none", n)
		}
		check(t, second(s.Register(ctx, loaded("2026-11-24", calendarRow("a", "a2"), calendarRow("b", "b1")), noon())))

		replicas := []*store.Store{s, s, s}
		if e.many {
			replicas = []*store.Store{s, open(t, dsn), open(t, dsn)}
		}
		var (
			wait sync.WaitGroup
			mu   sync.Mutex
			told = map[string][]int{} // attempts by room
		)
		// work tells all it can at a time; the first claim of each room is of a
		// process that dies before it writes anything down.
		work := func(r *store.Store, now time.Time) {
			if _, err := r.PlanCorrections(ctx, since, now); err != nil {
				t.Error(err)
				return
			}
			for {
				claimed, err := r.ClaimCorrection(ctx, "slack", now, time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				if len(claimed) == 0 {
					return
				}
				c := claimed[0]
				mu.Lock()
				told[c.Room.ID] = append(told[c.Room.ID], c.Attempt)
				first := len(told[c.Room.ID]) == 1
				mu.Unlock()
				if first {
					continue
				}
				if err := r.Corrected(ctx, c, "note", now); err != nil {
					t.Error(err)
				}
			}
		}
		// They share a clock: a lease runs out for all of them at once, when the
		// round is over, and not while one that lags behind still works.
		for round := range 3 {
			for _, r := range replicas {
				wait.Go(func() { work(r, noon().Add(time.Duration(round)*2*time.Minute)) })
			}
			wait.Wait()
		}
		if diff := cmp.Diff(map[string][]int{"C1": {1, 2}, "C2": {1, 2}}, told); diff != "" {
			t.Errorf("claims of each room: one that died and one that did it (want, got):\n%s", diff)
		}
		check(t, second(s.PlanCorrections(ctx, since, noon().Add(time.Hour))))
		if again := must[[]bot.Correction](t)(s.ClaimCorrection(ctx, "slack", noon().Add(time.Hour), time.Minute)); len(again) != 0 {
			t.Errorf("a round later: got %v, want nothing left to tell", again)
		}
	})
}

func TestACorrectionKnowsWhatWasAndWhatIsAndThePosts(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		check(t, second(s.Register(ctx, loaded("2026-11-23", calendarRow("a", "a1")), noon())))
		check(t, s.Remember(ctx, posted("one", "C1", noon(), bot.Relied{Row: "a", Version: "a1", Section: "This week"}, bot.Relied{Row: "Q-AAAAAA"})))
		claim := func(hour int) bot.Correction {
			t.Helper()
			now := noon().Add(time.Duration(hour) * time.Hour)
			check(t, second(s.PlanCorrections(ctx, noon().AddDate(0, -6, 0), now)))
			claimed := must[[]bot.Correction](t)(s.ClaimCorrection(ctx, "slack", now, time.Minute))
			if len(claimed) != 1 {
				t.Fatalf("hour %d: got %d corrections, want one", hour, len(claimed))
			}
			return claimed[0]
		}
		// A change that nobody was told of is overtaken by the next one.
		check(t, second(s.Register(ctx, loaded("2026-11-24", calendarRow("a", "a2")), noon())))
		check(t, second(s.PlanCorrections(ctx, noon().AddDate(0, -6, 0), noon())))
		check(t, second(s.Register(ctx, loaded("2026-11-25", calendarRow("a", "a3")), noon())))
		c := claim(1)
		if c.Was.Version != "a1" || c.Now.Version != "a3" || c.Now.Sequence != 2 || string(c.Was.Shown) != string(calendarRow("a", "a1").Shown) || len(c.Posts) != 1 || c.Posts[0].Receipt != "r-one" {
			t.Errorf("got %+v, want a1 to a3 with its post", c)
		}
		c.Posts[0].Reply = []byte(`["corrected"]`)
		check(t, s.Corrected(ctx, c, "note", noon().Add(time.Hour)))
		// There and back is a change too.
		check(t, second(s.Register(ctx, loaded("2026-11-26", calendarRow("a", "a1")), noon())))
		back := claim(2)
		if back.Was.Version != "a3" || back.Now.Version != "a1" || string(back.Posts[0].Reply) != `["corrected"]` || back.Key == c.Key {
			t.Errorf("got %+v, want a3 to a1 on the reply as it stands in the room", back)
		}
		check(t, s.RetryCorrection(ctx, back, noon().Add(5*time.Hour), "busy"))
		if early := must[[]bot.Correction](t)(s.ClaimCorrection(ctx, "slack", noon().Add(3*time.Hour), time.Minute)); len(early) != 0 {
			t.Errorf("got %v before its time", early)
		}
		late := must[[]bot.Correction](t)(s.ClaimCorrection(ctx, "slack", noon().Add(6*time.Hour), time.Minute))
		if len(late) != 1 || late[0].Attempt != 2 {
			t.Fatalf("got %v, want the second attempt", late)
		}
		check(t, s.DropCorrection(ctx, back, "from a claim that is over", noon()))
		check(t, s.Corrected(ctx, late[0], "note", noon()))
		// A row that is gone is told once.
		check(t, second(s.Register(ctx, loaded("2026-11-27", calendarRow("z", "z1")), noon())))
		gone := claim(8)
		if !gone.Now.Gone {
			t.Errorf("got %+v, want a row that is gone", gone)
		}
		check(t, s.Corrected(ctx, gone, "note", noon()))
		check(t, second(s.PlanCorrections(ctx, noon().AddDate(0, -6, 0), noon())))
		if again := must[[]bot.Correction](t)(s.ClaimCorrection(ctx, "slack", noon().Add(9*time.Hour), time.Minute)); len(again) != 0 {
			t.Errorf("got %v, want nothing twice", again)
		}
		if n := must[int64](t)(s.ForgetPosts(ctx, noon().Add(time.Hour))); n != 1 {
			t.Errorf("forgot %d posts, want one", n)
		}
	})
}

func TestWhatEditionsSaidIsRememberedRowByRow(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		check(t, second(s.Register(ctx, loaded("2026-11-23", calendarRow("a", "a1"), calendarRow("b", "b1")), noon())))
		sub := must[bot.Subscription](t)(s.Subscribe(ctx, bot.Subscription{Room: bot.Room{Platform: "slack", ID: "C1"}, Kind: "digest", Cron: "0 8 * * 1", Zone: "UTC", Next: noon(), Slot: "s1", CreatedAt: noon()}))
		edition := func(n int, relied ...bot.Relied) {
			t.Helper()
			due := noon().AddDate(0, 0, 7*n)
			slot := "s" + strconv.Itoa(n)
			subs := must[[]bot.Subscription](t)(s.Subscriptions(ctx, sub.Room))
			check(t, s.Plan(ctx, []bot.Plan{{Subscription: subs[0], Occurrences: []bot.Delivery{{Slot: slot, Due: due, State: bot.DeliveryPlanned}}, Next: due.AddDate(0, 0, 7), Slot: slot + "+"}}, due))
			claimed := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", due, time.Minute, 10))
			if len(claimed) != 1 {
				t.Fatalf("edition %d: got %d deliveries, want one", n, len(claimed))
			}
			check(t, s.Remember(ctx, posted(claimed[0].Key, "C1", due, relied...)))
			check(t, s.Sent(ctx, claimed[0], "r", due))
		}
		edition(0, bot.Relied{Row: "a", Version: "a1", Section: "Next 30 days"}, bot.Relied{Row: "Q-AAAAAA", Section: "On this item, the record says"})
		edition(1, bot.Relied{Row: "a", Version: "a1", Section: "This week"}, bot.Relied{Row: "b", Version: "b1", Section: "Next 30 days"})
		said, last, err := s.Said(ctx, sub.ID, noon().AddDate(0, 0, 14))
		check(t, err)
		if !said["a"].Due.Equal(noon().AddDate(0, 0, 7)) || !said["Q-AAAAAA"].Due.Equal(noon()) {
			t.Errorf("got %s and %s, want when the edition was due that showed it last", said["a"].Due, said["Q-AAAAAA"].Due)
		}
		if !last.Equal(noon().AddDate(0, 0, 7)) || said["a"].Section != "This week" || said["b"].Version != "b1" || string(said["b"].Shown) != string(calendarRow("b", "b1").Shown) || said["Q-AAAAAA"].Row == "" {
			t.Errorf("got %+v up to %s, want both rows as they were said last, and the quotation", said, last)
		}
		said, last, err = s.Said(ctx, sub.ID, noon().AddDate(0, 0, 7))
		check(t, err)
		if !last.Equal(noon()) || len(said) != 2 {
			t.Errorf("got %+v up to %s, want what was said before the edition, not what it said itself", said, last)
		}
		// An edition that had nothing to say is not in the room.
		due := noon().AddDate(0, 0, 14)
		subs := must[[]bot.Subscription](t)(s.Subscriptions(ctx, sub.Room))
		check(t, s.Plan(ctx, []bot.Plan{{Subscription: subs[0], Occurrences: []bot.Delivery{{Slot: "s2", Due: due, State: bot.DeliveryPlanned}}, Next: due.AddDate(0, 0, 7), Slot: "s3"}}, due))
		check(t, s.Sent(ctx, must[[]bot.Delivery](t)(s.Claim(ctx, "slack", due, time.Minute, 10))[0], "", due))
		if _, last, err = s.Said(ctx, sub.ID, due.AddDate(0, 0, 7)); err != nil || !last.Equal(noon().AddDate(0, 0, 7)) {
			t.Errorf("got %s, %v, want the last edition that was posted", last, err)
		}
	})
}

func TestAnAmendmentNeedsASecondPerson(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		id := must[int64](t)(s.Propose(ctx, bot.Amendment{Row: "a", Field: "end", Value: "2026-12-18", Source: "https://example.org", ProposedBy: "slack:U1", ProposedAt: noon()}))
		if err := s.Confirm(ctx, id, "slack:U1", noon()); err == nil {
			t.Error("the same person may confirm")
		}
		check(t, s.Confirm(ctx, id, "slack:U2", noon().Add(time.Hour)))
		if err := s.Confirm(ctx, id, "slack:U3", noon()); err == nil {
			t.Error("it is confirmed twice")
		}
		other := must[int64](t)(s.Propose(ctx, bot.Amendment{Row: "b", Field: "city", Value: "Geneva", Source: "https://example.org", ProposedBy: "slack:U1", ProposedAt: noon()}))
		check(t, s.Withdraw(ctx, other))
		if err := s.Confirm(ctx, other, "slack:U2", noon()); err == nil {
			t.Error("what was withdrawn is confirmed")
		}
		all := must[[]bot.Amendment](t)(s.Amendments(ctx))
		want := []bot.Amendment{{ID: id, Row: "a", Field: "end", Value: "2026-12-18", Source: "https://example.org", ProposedBy: "slack:U1", ProposedAt: noon(), ConfirmedBy: "slack:U2", ConfirmedAt: noon().Add(time.Hour)}}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("(want, got):\n%s", diff)
		}
	})
}

func TestAFollowedTopicIsToldOnce(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		if fresh := must[[]string](t)(s.Arrive(ctx, []string{"document:a", "row:x"}, noon())); len(fresh) != 0 {
			t.Errorf("at the beginning: got %q, want nothing new", fresh)
		}
		room := bot.Room{Platform: "slack", ID: "C1"}
		f := must[bot.Followed](t)(s.Follow(ctx, bot.Followed{Room: room, Text: "norms", CreatedBy: "U1", CreatedAt: noon().Add(time.Hour)}))
		if again, err := s.Follow(ctx, bot.Followed{Room: room, Text: "norms", CreatedBy: "U2", CreatedAt: noon()}); err == nil || again.ID != f.ID {
			t.Errorf("got %v, %v, want the one that is there, and an error", again, err)
		}
		if fresh := must[[]string](t)(s.Arrive(ctx, []string{"document:a", "row:x", "document:b"}, noon().Add(2*time.Hour))); len(fresh) != 1 || fresh[0] != "document:b" {
			t.Errorf("got %q, want the one that is new", fresh)
		}
		if got := must[[]string](t)(s.Arrived(ctx, f.CreatedAt, noon().Add(3*time.Hour))); len(got) != 1 {
			t.Errorf("got %q, want what came in since", got)
		}
		if got := must[[]string](t)(s.Arrived(ctx, noon().Add(2*time.Hour), noon().Add(3*time.Hour))); len(got) != 0 {
			t.Errorf("got %q, want nothing after that", got)
		}
		check(t, s.TurnedUp(ctx, f.ID, []string{"document:b"}))
		check(t, s.TurnedUp(ctx, f.ID, []string{"document:c"})) // too late
		replicas := []*store.Store{s, s}
		if e.many {
			replicas = []*store.Store{s, open(t, dsn)}
		}
		var (
			wait sync.WaitGroup
			mu   sync.Mutex
			got  []bot.Followed
		)
		for _, r := range replicas {
			wait.Go(func() {
				claimed, err := r.ClaimFound(ctx, "slack", noon(), time.Minute, 10)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got = append(got, claimed...)
			})
		}
		wait.Wait()
		if len(got) != 1 || got[0].Attempt != 1 || !slices.Equal(got[0].Found, []string{"document:b"}) {
			t.Fatalf("got %+v, want one claim", got)
		}
		taken := must[[]bot.Followed](t)(s.ClaimFound(ctx, "slack", noon().Add(2*time.Minute), time.Minute, 10))
		if len(taken) != 1 || taken[0].Attempt != 2 {
			t.Fatalf("got %+v, want it taken over when the lease has run out", taken)
		}
		check(t, s.RetryTopic(ctx, got[0], noon(), "from a claim that is over"))
		check(t, s.ToldTopic(ctx, taken[0], "r", ""))
		if left := must[[]bot.Followed](t)(s.ClaimFound(ctx, "slack", noon().Add(time.Hour), time.Minute, 10)); len(left) != 0 {
			t.Errorf("got %+v, want nothing twice", left)
		}
		again := must[bot.Followed](t)(s.Follow(ctx, bot.Followed{Room: room, Text: "norms", CreatedBy: "U1", CreatedAt: noon().Add(4 * time.Hour)}))
		check(t, s.Unfollow(ctx, room, again.ID))
		if err := s.Unfollow(ctx, room, again.ID); err == nil {
			t.Error("it ends twice")
		}
	})
}

func TestMoreItemsThanOneStatementTakesComeIn(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		items := []string{"document:first"}
		check(t, second(s.Arrive(t.Context(), items, noon())))
		for i := range 1201 {
			items = append(items, "document:"+strconv.Itoa(i))
		}
		items = append(items, "document:7") // twice
		if got := must[[]string](t)(s.Arrive(t.Context(), items, noon().Add(time.Hour))); len(got) != 1201 {
			t.Errorf("got %d new items, want 1201", len(got))
		}
		if got := must[[]string](t)(s.Arrived(t.Context(), noon(), noon().Add(time.Hour))); len(got) != 1201 {
			t.Errorf("got %d items that came in, want 1201", len(got))
		}
	})
}

func TestASecretIsMadeOnce(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		first := must[string](t)(s.Once(t.Context(), "feed", "key", "one"))
		second := must[string](t)(s.Once(t.Context(), "feed", "key", "two"))
		if first != "one" || second != "one" {
			t.Errorf("got %q and %q, want one twice", first, second)
		}
	})
}

func TestAPostThatComesLateIsCorrectedThoughItsRoomWasTold(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, since := t.Context(), noon().AddDate(0, -6, 0)
		a1 := bot.Relied{Row: "a", Version: "a1"}
		check(t, second(s.Register(ctx, loaded("2026-11-23", calendarRow("a", "a1")), noon())))
		check(t, s.Remember(ctx, posted("one", "C1", noon(), a1)))
		check(t, second(s.Register(ctx, loaded("2026-11-24", calendarRow("a", "a2")), noon())))
		keys := map[string]bool{}
		for n, late := range []string{"one", "two", "three"} {
			now := noon().Add(time.Duration(n) * time.Hour)
			check(t, s.Remember(ctx, posted(late, "C1", now, a1)))
			for range 2 {
				check(t, second(s.PlanCorrections(ctx, since, now)))
			}
			claimed := must[[]bot.Correction](t)(s.ClaimCorrection(ctx, "slack", now, time.Minute))
			if len(claimed) != 1 || len(claimed[0].Posts) != 1 || claimed[0].Posts[0].Key != late || keys[claimed[0].Key] {
				t.Fatalf("post %s: got %+v, want a correction of its own of it alone", late, claimed)
			}
			keys[claimed[0].Key] = true
			if late == "two" { // given up: it is not tried for ever
				check(t, s.DropCorrection(ctx, claimed[0], "refused", now))
			} else {
				check(t, s.Corrected(ctx, claimed[0], "note", now))
			}
			if planned := must[int](t)(s.PlanCorrections(ctx, since, now)); planned != 0 {
				t.Errorf("after post %s: got %d more corrections, want none", late, planned)
			}
		}
		// What was given up for one change is told of the next.
		check(t, second(s.Register(ctx, loaded("2026-11-25", calendarRow("a", "a3")), noon())))
		if planned := must[int](t)(s.PlanCorrections(ctx, since, noon())); planned != 2 {
			t.Errorf("got %d corrections of the next change, want one from a1 and one from a2", planned)
		}
	})
}

func TestAPostThatIsOnlyIntendedIsNotCorrected(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, since := t.Context(), noon().AddDate(0, -6, 0)
		version := func(v string) bot.Posted {
			p := posted("one", "C1", noon(), bot.Relied{Row: "a", Version: v})
			p.Reply = []byte(`["` + v + `"]`)
			return p
		}
		check(t, second(s.Register(ctx, loaded("2026-11-23", calendarRow("a", "a1")), noon())))
		check(t, s.Intended(ctx, version("a0"), false))
		check(t, s.Intended(ctx, version("a1"), false)) // the first surely did not reach the room
		check(t, second(s.Register(ctx, loaded("2026-11-24", calendarRow("a", "a2")), noon())))
		check(t, s.Intended(ctx, version("a2"), true)) // nobody knows of the second
		if n := must[int](t)(s.PlanCorrections(ctx, since, noon())); n != 0 {
			t.Errorf("got %d corrections of what is not in the room, want none", n)
		}
		check(t, s.Remember(ctx, version("a2")))
		check(t, s.Intended(ctx, version("a2"), false)) // changes nothing of what is there
		check(t, second(s.PlanCorrections(ctx, since, noon())))
		claimed := must[[]bot.Correction](t)(s.ClaimCorrection(ctx, "slack", noon(), time.Minute))
		if len(claimed) != 1 || claimed[0].Was.Version != "a1" || string(claimed[0].Posts[0].Reply) != `["a1"]` || claimed[0].Posts[0].Receipt != "r-one" {
			t.Errorf("got %+v, want the correction of what may have been said first", claimed)
		}
	})
}
