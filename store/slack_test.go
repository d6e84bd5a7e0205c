package store_test

import (
	"strconv"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store"
)

func TestAReturnedMessageIsTakenUpAgainWhenItsTimeHasCome(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, held := t.Context(), noon().Add(time.Minute)
		must[bool](t)(s.Receive(ctx, message("1"), noon(), time.Minute))
		m := message("1")
		m.Unsent = true
		check(t, s.Return(ctx, m, held.Add(time.Second), noon())) // somebody else's lease
		if got := must[[]bot.Message](t)(s.Reclaim(ctx, "slack", noon().Add(time.Second), time.Minute, 5)); len(got) != 0 {
			t.Fatalf("got %d messages, want none: it is held by somebody else", len(got))
		}
		check(t, s.Return(ctx, m, held, noon().Add(20*time.Second)))
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{19 * time.Second, 0}, {20 * time.Second, 1}} {
			got := must[[]bot.Message](t)(s.Reclaim(ctx, "slack", noon().Add(c.after), time.Minute, 5))
			if len(got) != c.want || (c.want == 1 && !got[0].Unsent) {
				t.Fatalf("after %v: got %+v, want %d messages, surely unsent", c.after, got, c.want)
			}
		}
		// Whoever took it up and died may have posted.
		if got := must[[]bot.Message](t)(s.Reclaim(ctx, "slack", noon().Add(time.Hour), time.Minute, 5)); len(got) != 1 || got[0].Unsent {
			t.Errorf("got %+v, want it once more and no longer surely unsent", got)
		}
	})
}

func TestTheFirstMessageKeepsItsName(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, room, other := t.Context(), bot.Room{Platform: "slack", ID: "C1"}, bot.Room{Platform: "slack", ID: "C2"}
		for _, c := range []struct {
			room           bot.Room
			name, id, want string
		}{{room, "n", "1", "1"}, {room, "n", "2", "1"}, {other, "n", "3", "3"}, {room, "m", "4", "4"}} {
			if got := must[string](t)(s.Named(ctx, c.room, c.name, c.id, noon())); got != c.want {
				t.Errorf("%s of %s in %s: got %s, want %s", c.name, c.id, c.room, got, c.want)
			}
		}
		if n := must[int64](t)(s.ForgetNames(ctx, noon())); n != 0 {
			t.Errorf("got %d names forgotten, want none that is so young", n)
		}
		if n := must[int64](t)(s.ForgetNames(ctx, noon().Add(time.Second))); n != 3 {
			t.Errorf("got %d names forgotten, want 3", n)
		}
	})
}

func TestSubscriptionsPauseAndResumeWithTheirRoom(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, room := t.Context(), bot.Room{Platform: "slack", ID: "C1"}
		first := bot.Subscription{Room: room, Kind: "digest", Cron: "0 8 * * 1", Zone: "UTC", CreatedBy: "U1", CreatedAt: noon(), Next: noon(), Slot: "s"}
		second := first
		second.Cron = "0 9 * * 1"
		elsewhere := first
		elsewhere.Room.ID = "C2"
		for _, sub := range []bot.Subscription{first, second, elsewhere} {
			must[bot.Subscription](t)(s.Subscribe(ctx, sub))
		}
		_ = must[bot.Subscription](t)(s.Sleep(ctx, room, 2, "holidays", noon()))
		paused := must[[]bot.Subscription](t)(s.Pause(ctx, room, "archived", noon()))
		if len(paused) != 1 || paused[0].ID != 1 || paused[0].CreatedBy != "U1" || paused[0].State != bot.SubscriptionGone {
			t.Errorf("got %+v, want subscription 1 gone", paused)
		}
		if again := must[[]bot.Subscription](t)(s.Pause(ctx, room, "archived", noon())); len(again) != 0 {
			t.Errorf("got %+v, want none the second time", again)
		}
		if untold, doubtful, err := s.Untold(ctx, "slack", noon(), time.Minute, 5); err != nil || doubtful || len(untold) != 1 || untold[0].ID != 1 {
			t.Errorf("got %+v, %v, %v, want the owner of subscription 1 to be told", untold, doubtful, err)
		}
		if active := must[[]bot.Subscription](t)(s.AllSubscriptions(ctx)); len(active) != 1 || active[0].Room.ID != "C2" {
			t.Errorf("got %+v, want the other room's alone", active)
		}
		if back := must[[]bot.Subscription](t)(s.Resume(ctx, room, noon())); len(back) != 1 || back[0].ID != 1 || back[0].State != bot.SubscriptionActive {
			t.Errorf("got %+v, want subscription 1 active; the one that a person paused stays so", back)
		}
	})
}

func TestTheLastRatingCounts(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx, room := t.Context(), bot.Room{Platform: "slack", ID: "C1"}
		check(t, s.Rate(ctx, room, "p", "U1", true, "", noon()))
		check(t, s.Rate(ctx, room, "p", "U1", false, "wrong date", noon()))
		check(t, s.Rate(ctx, room, "p", "U2", true, "", noon()))
		good, bad, err := s.Ratings(ctx)
		check(t, err)
		if good != 1 || bad != 1 {
			t.Errorf("got %d good and %d bad, want one each", good, bad)
		}
	})
}

func TestInstallationsAreKeptLeasedAndDeleted(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		one := store.Install{Team: "T1", BotUser: "U1", Sealed: "sealed", Expires: noon().Add(time.Hour)}
		org := store.Install{Enterprise: "E1", BotUser: "U2", Sealed: "org"}
		check(t, s.PutInstall(ctx, one, noon()))
		check(t, s.PutInstall(ctx, org, noon()))
		find := func(enterprise, team string) (store.Install, bool) {
			t.Helper()
			i, found, err := s.FindInstall(ctx, enterprise, team)
			check(t, err)
			return i, found
		}
		if got, found := find("", "T1"); !found || got != one {
			t.Errorf("got %+v, want %+v", got, one)
		}
		if got, found := find("E1", "T9"); !found || got != org {
			t.Errorf("got %+v, want that of the organisation", got)
		}
		if got, found := find("", "T9"); found {
			t.Errorf("got %+v, want none", got)
		}
		newer := one
		newer.Sealed = "newer"
		for i, c := range []struct {
			of   store.Install
			want bool
		}{{newer, false}, {one, true}, {one, false}} {
			if got := must[bool](t)(s.LeaseInstall(ctx, c.of, noon(), noon().Add(time.Minute))); got != c.want {
				t.Errorf("lease %d: got %v, want %v", i+1, got, c.want)
			}
		}
		one = newer
		check(t, s.PutInstall(ctx, one, noon()))
		if got, _ := find("", "T1"); got.Sealed != "newer" || !must[bool](t)(s.LeaseInstall(ctx, one, noon(), noon().Add(time.Minute))) {
			t.Errorf("got %+v, want the newer one, free to be leased", got)
		}
		check(t, s.DeleteInstall(ctx, "", "T1"))
		if _, found := find("", "T1"); found {
			t.Error("the deleted installation is still there")
		}
	})
}

func TestAStateIsTakenOnceAndInTime(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		check(t, s.PutState(ctx, "a", noon(), noon().Add(time.Minute)))
		check(t, s.PutState(ctx, "old", noon(), noon().Add(-time.Minute)))
		for _, c := range []struct {
			state string
			want  bool
		}{{"old", false}, {"a", true}, {"a", false}, {"never", false}} {
			if got := must[bool](t)(s.TakeState(ctx, c.state, noon())); got != c.want {
				t.Errorf("%s: got %v, want %v", c.state, got, c.want)
			}
		}
	})
}

func TestAllRoomsOfAWorkspacePauseWithoutAWord(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		for i, id := range []string{"T1/C1", "T1/C2", "T10/C1"} {
			must[bot.Subscription](t)(s.Subscribe(ctx, bot.Subscription{
				Room: bot.Room{Platform: "slack", ID: id}, Kind: "digest", Cron: "0 8 * * 1", Zone: "UTC", CreatedBy: "U1", CreatedAt: noon(), Next: noon(), Slot: string(rune('a' + i)),
			}))
		}
		check(t, s.PauseAll(ctx, bot.Room{Platform: "slack", ID: "T1/"}, "removed", noon()))
		if left := must[[]bot.Subscription](t)(s.AllSubscriptions(ctx)); len(left) != 1 || left[0].Room.ID != "T10/C1" {
			t.Errorf("got %+v, want the other workspace's alone", left)
		}
		if untold, _, err := s.Untold(ctx, "slack", noon(), time.Minute, 5); err != nil || len(untold) != 0 {
			t.Errorf("got %+v, %v, want nobody to be told: nobody can be", untold, err)
		}
	})
}

func TestStatesThatNobodyTakesAreDeletedAsOthersCome(t *testing.T) {
	both(t, func(t *testing.T, _ engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		for i := range 20 {
			now := noon().Add(time.Duration(i) * time.Minute)
			check(t, s.PutState(ctx, "state "+strconv.Itoa(i), now, now.Add(time.Minute)))
		}
		var n int
		check(t, s.DB().QueryRowContext(ctx, `SELECT COUNT(*) FROM slack_state`).Scan(&n))
		if n > 2 {
			t.Errorf("got %d states kept, want those alone whose time is not over", n)
		}
	})
}
