package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/store"
	"rapporteur/store/pgtest"
)

// engine is a kind of database: each call of fresh makes an empty one, and
// returns how to open it.
type engine struct {
	name  string
	fresh func(t *testing.T) (dsn string)
	many  bool // several stores may be open on one database
}

// engines returns both databases. Where PostgreSQL cannot start, its tests are
// skipped, or fail when CI is set.
func engines(t *testing.T) []engine {
	t.Helper()
	var serial sync.Mutex
	n := 0
	return []engine{
		{name: "SQLite", fresh: func(t *testing.T) string {
			t.Helper()
			return filepath.Join(t.TempDir(), "sub", "bot.db")
		}},
		{name: "PostgreSQL", many: true, fresh: func(t *testing.T) string {
			t.Helper()
			server, err := postgres()
			if err != nil && os.Getenv("CI") == "" {
				t.Skipf("no PostgreSQL: %v", err)
			}
			if err != nil {
				t.Fatalf("no PostgreSQL, and CI is set: %v", err)
			}
			serial.Lock()
			n++
			name := fmt.Sprintf("t%d_%d", time.Now().UnixNano(), n)
			serial.Unlock()
			dsn, err := server.Database(context.Background(), name)
			if err != nil {
				t.Fatal(err)
			}
			return dsn
		}},
	}
}

var postgres = sync.OnceValues(func() (*pgtest.Server, error) { return pgtest.Start(context.Background()) })

func TestMain(m *testing.M) {
	code := m.Run()
	if server, err := postgres(); err == nil {
		_ = server.Stop()
	}
	os.Exit(code)
}

func open(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.CallersClock()) // tests tell the time
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// both runs a test over both databases.
func both(t *testing.T, f func(t *testing.T, e engine, dsn string, s *store.Store)) {
	t.Helper()
	t.Parallel()
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			dsn := e.fresh(t)
			f(t, e, dsn, open(t, dsn))
		})
	}
}

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func message(id string) bot.Message {
	return bot.Message{
		ID: id, Room: bot.Room{Platform: "slack", ID: "C1"}, Thread: "th", Sender: "U1", Text: "words of " + id,
		SentAt: noon().Add(-time.Second), Return: "https://return/" + id,
	}
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAMessageIsFreshOnce(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		for i, want := range []bool{true, false, false} {
			if got := must[bool](t)(s.Receive(ctx, message("1"), noon(), time.Minute)); got != want {
				t.Errorf("time %d: got fresh %v, want %v", i+1, got, want)
			}
		}
		other := message("1")
		other.Room.ID = "C2"
		if !must[bool](t)(s.Receive(ctx, other, noon(), time.Minute)) {
			t.Error("got known, want the same id in another room to be fresh")
		}
	})
}

func TestOnlyAbandonedMessagesAreReclaimed(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		must[bool](t)(s.Receive(ctx, message("old"), noon(), time.Minute))
		must[bool](t)(s.Receive(ctx, message("done"), noon(), time.Minute))
		check(t, s.Answered(ctx, message("done"), bot.Receipt{ID: "r"}, bot.Turn{}, noon()))
		reclaim := func(after time.Duration) []bot.Message {
			return must[[]bot.Message](t)(s.Reclaim(ctx, "slack", noon().Add(after), time.Minute, 10))
		}
		if got := reclaim(30 * time.Second); len(got) != 0 {
			t.Errorf("within the lease: got %v, want none", got)
		}
		if diff := cmp.Diff([]bot.Message{message("old")}, reclaim(2*time.Minute)); diff != "" {
			t.Errorf("after the lease (-want +got):\n%s", diff)
		}
		if got := reclaim(2*time.Minute + 30*time.Second); len(got) != 0 {
			t.Errorf("under the new lease: got %v, want none", got)
		}
		if got := must[[]bot.Message](t)(s.Reclaim(ctx, "matrix", noon().Add(time.Hour), time.Minute, 10)); len(got) != 0 {
			t.Errorf("another platform: got %v, want none", got)
		}
	})
}

func TestTheWordsAreForgottenOnceAnswered(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		must[bool](t)(s.Receive(ctx, message("1"), noon(), time.Minute))
		check(t, s.Answered(ctx, message("1"), bot.Receipt{ID: "r"}, bot.Turn{}, noon()))
		var body, back string
		check(t, s.DB().QueryRowContext(ctx, `SELECT body, return_to FROM inbox`).Scan(&body, &back))
		if body != "" || back != "" {
			t.Errorf("got %q, %q, want both blank", body, back)
		}
		if must[bool](t)(s.Receive(ctx, message("1"), noon(), time.Minute)) {
			t.Error("got fresh, want the key kept")
		}
		if n := must[int64](t)(s.Forget(ctx, noon())); n != 0 {
			t.Errorf("got %d forgotten too early, want 0", n)
		}
		if n := must[int64](t)(s.Forget(ctx, noon().Add(time.Second))); n != 1 {
			t.Errorf("got %d forgotten, want 1", n)
		}
	})
}

// TestConcurrentReclaimersNeverShareAMessage lets eight work on two hundred
// abandoned messages, on PostgreSQL through two stores.
func TestConcurrentReclaimersNeverShareAMessage(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		stores := []*store.Store{s}
		if e.many {
			stores = append(stores, open(t, dsn))
		}
		const n = 200
		for i := range n {
			must[bool](t)(s.Receive(ctx, message(strconv.Itoa(i)), noon(), time.Second))
		}
		var (
			mu   sync.Mutex
			seen = map[string]int{}
			wg   sync.WaitGroup
		)
		for i := range 8 {
			wg.Go(func() {
				for {
					got, err := stores[i%len(stores)].Reclaim(ctx, "slack", noon().Add(time.Minute), time.Minute, 7)
					if err != nil {
						t.Error(err)
						return
					}
					if len(got) == 0 {
						return
					}
					mu.Lock()
					for _, m := range got {
						seen[m.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for id, times := range seen {
			if times != 1 {
				t.Errorf("message %s: got %d owners, want 1", id, times)
			}
		}
		if len(seen) == 0 || (!e.many && len(seen) != n) {
			t.Errorf("got %d messages, want %d", len(seen), n)
		}
		rest := must[[]bot.Message](t)(s.Reclaim(ctx, "slack", noon().Add(time.Minute), time.Minute, n))
		if len(seen)+len(rest) != n { // a skipped locked row is found by the next look
			t.Errorf("got %d messages in all, want %d", len(seen)+len(rest), n)
		}
	})
}

func subscription() bot.Subscription {
	return bot.Subscription{
		Room: bot.Room{Platform: "slack", ID: "C1"}, Kind: "digest", Cron: "0 8 * * 1", Zone: "Europe/Zurich",
		Options: map[string]string{"topics": "OEWG", "lead": "30d"}, CreatedBy: "U1", CreatedAt: noon(),
		Next: noon().Add(time.Hour), Slot: "2026-11-23T14:00", State: bot.SubscriptionActive,
	}
}

func TestSubscriptionsAreKeptListedAndEnded(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		first := must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		again, err := s.Subscribe(ctx, subscription())
		if !errors.Is(err, store.ErrAlready) || again.ID != first.ID {
			t.Errorf("the same again: got %d, %v, want %d, ErrAlready", again.ID, err, first.ID)
		}
		other := subscription()
		other.Zone, other.Options = "UTC", nil
		second := must[bot.Subscription](t)(s.Subscribe(ctx, other))
		if first.ID == second.ID || first.ID <= 0 {
			t.Errorf("got numbers %d and %d, want two", first.ID, second.ID)
		}
		if !e.many { // they outlive the process
			check(t, s.Close())
			s = open(t, dsn)
		}
		want := subscription()
		want.ID = first.ID
		got := must[[]bot.Subscription](t)(s.Subscriptions(ctx, want.Room))
		if len(got) != 2 {
			t.Fatalf("got %d subscriptions, want 2", len(got))
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Errorf("subscription (-want +got):\n%s", diff)
		}
		if _, err := s.Unsubscribe(ctx, bot.Room{Platform: "slack", ID: "C2"}, first.ID, noon()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("from another room: got %v, want ErrNotFound", err)
		}
		must[bot.Subscription](t)(s.Unsubscribe(ctx, want.Room, first.ID, noon()))
		if _, err := s.Unsubscribe(ctx, want.Room, first.ID, noon()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("twice: got %v, want ErrNotFound", err)
		}
		if got := must[[]bot.Subscription](t)(s.Subscriptions(ctx, want.Room)); len(got) != 1 || got[0].ID != second.ID {
			t.Errorf("got %v, want the second alone", got)
		}
		anew := must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
		if anew.ID == first.ID {
			t.Error("got the old number, want a new one")
		}
		check(t, s.SetState(ctx, anew.ID, bot.SubscriptionPaused, "test", noon()))
		if all := must[[]bot.Subscription](t)(s.AllSubscriptions(ctx)); len(all) != 1 || all[0].ID != second.ID {
			t.Errorf("got %v active, want the second alone", all)
		}
	})
}

// planned subscribes and plans one delivery.
func planned(t *testing.T, s *store.Store) bot.Subscription {
	t.Helper()
	ctx := t.Context()
	sub := must[bot.Subscription](t)(s.Subscribe(ctx, subscription()))
	due := must[[]bot.Subscription](t)(s.Due(ctx, sub.Next, 10))
	if len(due) != 1 || due[0].ID != sub.ID {
		t.Fatalf("got %v due, want subscription %d", due, sub.ID)
	}
	occurrences := []bot.Delivery{
		{Slot: "2026-11-16T14:00", Due: sub.Next.AddDate(0, 0, -7), State: bot.DeliveryMissed, Reason: "too late"},
		{Slot: sub.Slot, Due: sub.Next, State: bot.DeliveryPlanned},
	}
	check(t, s.Plan(ctx, []bot.Plan{{Subscription: due[0], Occurrences: occurrences, Next: sub.Next.AddDate(0, 0, 7), Slot: "2026-11-30T14:00"}}, sub.Next))
	return sub
}

func TestADueSubscriptionIsPlannedOnce(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		if early := must[[]bot.Subscription](t)(s.Due(ctx, noon(), 10)); len(early) != 0 {
			t.Errorf("got %v due early, want none", early)
		}
		sub := planned(t, s)
		// A replica that read the same row comes second: nothing happens.
		twin := bot.Delivery{Slot: "2026-11-24T14:00", Due: sub.Next, State: bot.DeliveryPlanned}
		check(t, s.Plan(ctx, []bot.Plan{{Subscription: sub, Occurrences: []bot.Delivery{twin}, Next: sub.Next.AddDate(1, 0, 0), Slot: "x"}}, sub.Next))
		rows := must[[]bot.Delivery](t)(s.Deliveries(ctx, sub.Room, 10))
		if len(rows) != 2 || rows[0].State != bot.DeliveryPlanned || rows[1].State != bot.DeliveryMissed || rows[1].Reason != "too late" {
			t.Errorf("got %+v, want one planned and one missed, visible with its reason", rows)
		}
		next := must[[]bot.Subscription](t)(s.Subscriptions(ctx, sub.Room))[0]
		if next.Slot != "2026-11-30T14:00" || !next.Next.Equal(sub.Next.AddDate(0, 0, 7)) {
			t.Errorf("got next %s %s, want the first plan's", next.Slot, next.Next)
		}
	})
}

func TestADeliveryGoesThroughItsStates(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		at := sub.Next
		claim := func(now time.Time) []bot.Delivery {
			return must[[]bot.Delivery](t)(s.Claim(ctx, "slack", now, time.Minute, 10))
		}
		first := claim(at)
		if len(first) != 1 || first[0].Attempt != 1 || first[0].Doubtful || first[0].Key != bot.DeliveryKey(sub.ID, sub.Slot) || first[0].Subscription.ID != sub.ID {
			t.Fatalf("got %+v, want the planned one, first attempt, sure", first)
		}
		if again := claim(at.Add(30 * time.Second)); len(again) != 0 {
			t.Errorf("under the lease: got %v, want none", again)
		}
		// The process died: somebody else takes over, in doubt.
		second := claim(at.Add(2 * time.Minute))
		if len(second) != 1 || second[0].Attempt != 2 || !second[0].Doubtful || !second[0].FirstTried.Equal(at) {
			t.Fatalf("got %+v, want attempt 2, doubtful, first tried at %s", second, at)
		}
		check(t, s.Retry(ctx, second[0], at.Add(time.Hour), "slow down"))
		if early := claim(at.Add(30 * time.Minute)); len(early) != 0 {
			t.Errorf("before its time: got %v, want none", early)
		}
		third := claim(at.Add(time.Hour))
		if len(third) != 1 || third[0].Attempt != 3 || !third[0].Doubtful {
			t.Fatalf("got %+v, want attempt 3, still doubtful", third)
		}
		check(t, s.Sent(ctx, first[0], "ts1", at.Add(time.Hour)))
		if err := s.Failed(ctx, third[0], "late", at.Add(time.Hour)); !errors.Is(err, bot.ErrTakenOver) { // what is sent stays sent
			t.Errorf("failed after it was sent: got %v, want ErrTakenOver", err)
		}
		if more := claim(at.Add(100 * time.Hour)); len(more) != 0 {
			t.Errorf("after it was sent: got %v, want none", more)
		}
		if rows := must[[]bot.Delivery](t)(s.Deliveries(ctx, sub.Room, 1)); rows[0].State != bot.DeliverySent || rows[0].Receipt != "ts1" {
			t.Errorf("got %+v, want sent with its receipt", rows[0])
		}
	})
}

// TestTwoReplicasClaimEachDeliveryOnce plans many and claims them from many.
func TestTwoReplicasClaimEachDeliveryOnce(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		stores := []*store.Store{s}
		if e.many {
			stores = append(stores, open(t, dsn))
		}
		const n = 60
		for i := range n {
			sub := subscription()
			sub.Room.ID = fmt.Sprint("C", i)
			sub = must[bot.Subscription](t)(s.Subscribe(ctx, sub))
			check(t, s.Plan(ctx, []bot.Plan{{Subscription: sub, Occurrences: []bot.Delivery{{Slot: sub.Slot, Due: sub.Next, State: bot.DeliveryPlanned}}, Next: sub.Next.AddDate(0, 0, 7), Slot: "next"}}, sub.Next))
		}
		var (
			mu   sync.Mutex
			seen = map[string]int{}
			wg   sync.WaitGroup
		)
		for i := range 6 {
			wg.Go(func() {
				for empty := 0; empty < 3; {
					got, err := stores[i%len(stores)].Claim(ctx, "slack", noon().Add(2*time.Hour), time.Minute, 5)
					if err != nil {
						t.Error(err)
						return
					}
					if len(got) == 0 {
						empty++
					}
					mu.Lock()
					for _, d := range got {
						seen[d.Key]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for key, times := range seen {
			if times != 1 {
				t.Errorf("delivery %s: got %d owners, want 1", key, times)
			}
		}
		if len(seen) != n {
			t.Errorf("got %d deliveries, want %d", len(seen), n)
		}
	})
}

// TestAnEndedSubscriptionIsNeverPosted ends one while its delivery is planned,
// and another while it is being sent.
func TestAnEndedSubscriptionIsNeverPosted(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		sub := planned(t, s)
		d := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next, time.Minute, 10))[0]
		check(t, s.SetState(ctx, sub.ID, bot.SubscriptionPaused, "test", noon()))
		if got := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next.Add(time.Hour), time.Minute, 10)); len(got) != 0 {
			t.Errorf("paused: got %v, want none", got)
		}
		check(t, s.SetState(ctx, sub.ID, bot.SubscriptionActive, "", noon()))
		must[bot.Subscription](t)(s.Unsubscribe(ctx, sub.Room, sub.ID, noon()))
		if err := s.Retry(ctx, d, sub.Next, "slow down"); !errors.Is(err, bot.ErrTakenOver) {
			t.Errorf("retry after the end: got %v, want ErrTakenOver", err)
		}
		if got := must[[]bot.Delivery](t)(s.Claim(ctx, "slack", sub.Next.Add(time.Hour), time.Minute, 10)); len(got) != 0 {
			t.Errorf("ended: got %v, want none", got)
		}
		check(t, s.Sent(ctx, d, "ts", sub.Next)) // it was on its way: that is written down
		if rows := must[[]bot.Delivery](t)(s.Deliveries(ctx, sub.Room, 1)); rows[0].State != bot.DeliverySent {
			t.Errorf("got %s, want sent", rows[0].State)
		}
	})
}

func TestHostileBytesAreCommitted(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		m := message("nul")
		m.Text = "a\x00b\xffc"
		if !must[bool](t)(s.Receive(t.Context(), m, noon(), time.Minute)) {
			t.Error("got known, want fresh")
		}
		got := must[[]bot.Message](t)(s.Reclaim(t.Context(), "slack", noon().Add(time.Hour), time.Minute, 1))
		if len(got) != 1 || got[0].Text != "a\uFFFDb\uFFFDc" {
			t.Errorf("got %+v, want the words with marks for the bad bytes", got)
		}
	})
}

func TestSettingsAreKept(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		if _, found, err := s.Get(ctx, "matrix", "token"); found || err != nil {
			t.Errorf("got %v, %v, want nothing", found, err)
		}
		for _, v := range []string{"one", "two"} {
			check(t, s.Set(ctx, "matrix", "token", v))
			if got, found, err := s.Get(ctx, "matrix", "token"); got != v || !found || err != nil {
				t.Errorf("got %q, %v, %v, want %q", got, found, err, v)
			}
		}
	})
}

func TestANewerSchemaIsRefused(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		_, err := s.DB().ExecContext(t.Context(), `INSERT INTO rapporteur_schema (version) VALUES (999)`)
		check(t, err)
		if !e.many {
			check(t, s.Close())
		}
		if _, err := store.Open(t.Context(), dsn); !errors.Is(err, store.ErrNewer) {
			t.Errorf("got %v, want ErrNewer", err)
		}
	})
}

func TestASQLiteFileBelongsToOneProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path)
	if _, err := store.Open(t.Context(), path); !errors.Is(err, store.ErrInUse) {
		t.Errorf("got %v, want ErrInUse", err)
	}
	check(t, s.Close())
	open(t, path)
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, want 0600", info.Mode().Perm())
	}
}

// TestReplicasThatStartTogetherAllMigrate opens one empty database four times
// at once.
func TestReplicasThatStartTogetherAllMigrate(t *testing.T) {
	t.Parallel()
	e := engines(t)[1]
	dsn := e.fresh(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), dsn)
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	wg.Wait()
}

func TestAnAddressThatIsNotValidIsNotPrinted(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), "postgres://user:s3cr3t@localhost:99999999/db")
	if err == nil {
		t.Fatal("got no error")
	}
	if got := err.Error(); len(got) == 0 || containsSecret(got) {
		t.Errorf("got %q, want no password in it", got)
	}
}

func TestAnotherKindOfAddressIsRefused(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), "mysql://user:s3cr3t@localhost/db")
	if err == nil || containsSecret(err.Error()) {
		t.Errorf("got %v, want an error without the password", err)
	}
}

func containsSecret(s string) bool {
	for i := 0; i+6 <= len(s); i++ {
		if s[i:i+6] == "s3cr3t" {
			return true
		}
	}
	return false
}
