package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/store"
)

func TestALeaseHasOneHolderAndFencesTheOthersOff(t *testing.T) {
	t.Parallel()
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			ctx, s := t.Context(), open(t, e.fresh(t))
			acquire := func(holder string, length time.Duration) (int64, bool) {
				t.Helper()
				fence, held, err := s.Acquire(ctx, "account", holder, length)
				if err != nil {
					t.Fatal(err)
				}
				return fence, held
			}
			first, held := acquire("a", 300*time.Millisecond)
			if !held {
				t.Fatal("first: got no lease, want it")
			}
			if again, held := acquire("a", 300*time.Millisecond); !held || again != first {
				t.Errorf("renewal: got fence %d, %v, want %d", again, held, first)
			}
			if e.many { // replicas
				if _, held := acquire("b", time.Minute); held {
					t.Error("second holder: got the lease while the first has it")
				}
			}
			var second int64
			for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
				if second, held = acquire("b", time.Minute); held {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("second holder: got no lease after the first one's ran out")
				}
			}
			if second <= first {
				t.Errorf("fence of the second holder: got %d, want more than %d", second, first)
			}
			if kept, err := s.SetFenced(ctx, "space", "since", "old", "account", first); kept || err != nil {
				t.Errorf("a value of the first holder: got kept %v, %v, want it refused", kept, err)
			}
			if kept, err := s.SetFenced(ctx, "space", "since", "new", "account", second); !kept || err != nil {
				t.Errorf("a value of the second holder: got kept %v, %v", kept, err)
			}
			if value, _, _ := s.Get(ctx, "space", "since"); value != "new" {
				t.Errorf("kept: got %q, want that of the second holder", value)
			}
			if err := s.Release(ctx, "account", "a"); err != nil {
				t.Fatal(err)
			}
			if e.many {
				if _, held := acquire("c", time.Minute); held {
					t.Error("a release by somebody else gave the lease away")
				}
			}
			if err := s.Release(ctx, "account", "b"); err != nil {
				t.Fatal(err)
			}
			if fence, held := acquire("c", time.Minute); !held || fence <= second {
				t.Errorf("after a release: got fence %d, %v, want the lease at once", fence, held)
			}
		})
	}
}

func TestNotesAreFoundByTheirBeginningAndForgotten(t *testing.T) {
	t.Parallel()
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			ctx, s, now := t.Context(), open(t, e.fresh(t)), time.UnixMilli(1_000_000)
			for name, at := range map[string]time.Time{"room|$a|000": now, "room|$a|001": now, "room|$b|000": now.Add(time.Hour), "room|%|000": now, "room|$a|\U0001F50E": now} {
				if err := s.Note(ctx, "post", name, "value of "+name, at); err != nil {
					t.Fatal(err)
				}
			}
			found := func(prefix string, want int) {
				t.Helper()
				if got, err := s.Notes(ctx, "post", prefix); err != nil || len(got) != want {
					t.Errorf("notes of %q: got %v, %v, want %d", prefix, got, err, want)
				}
			}
			found("room|$a|", 3)
			found("room|$a|\U0001F50E", 1)
			found("room|%|", 1)
			found("", 5)
			found("other", 0)
			if err := s.Unnote(ctx, "post", "room|$a|001"); err != nil {
				t.Fatal(err)
			}
			found("room|$a|", 2)
			if n, err := s.ForgetNotes(ctx, now.Add(time.Minute)); n != 3 || err != nil {
				t.Errorf("forgotten: got %d, %v, want the three old ones", n, err)
			}
			found("", 1)
		})
	}
}

func TestSubscriptionsMoveWithTheirRoomOnce(t *testing.T) {
	t.Parallel()
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			ctx, s := t.Context(), open(t, e.fresh(t))
			from, to := bot.Room{Platform: "matrix", ID: "!old:hs"}, bot.Room{Platform: "matrix", ID: "!new"}
			order := func(room bot.Room, cron string) {
				t.Helper()
				if _, err := s.Subscribe(ctx, bot.Subscription{Room: room, Kind: "digest", Cron: cron, Zone: "UTC", Next: time.Now(), Slot: "x"}); err != nil {
					t.Fatal(err)
				}
			}
			order(from, "0 8 * * 1")
			order(from, "0 9 * * 1")
			order(to, "0 9 * * 1")
			follow := func(room bot.Room, topic string) {
				t.Helper()
				if _, err := s.Follow(ctx, bot.Followed{Room: room, Text: topic, CreatedBy: "ann", CreatedAt: time.Now()}); err != nil {
					t.Fatal(err)
				}
			}
			follow(from, "cables")
			follow(from, "norms")
			follow(to, "norms")
			if moved, err := s.MoveRoom(ctx, from, to); moved != 1 || err != nil {
				t.Errorf("moved: got %d, %v, want the one that the new room did not have", moved, err)
			}
			for room, want := range map[bot.Room]int{from: 0, to: 2} {
				if topics, err := s.Following(ctx, room); err != nil || len(topics) != want {
					t.Errorf("%s: got %d topics, %v, want %d", room, len(topics), err, want)
				}
			}
			for room, want := range map[bot.Room]int{from: 0, to: 2} {
				if subs, err := s.Subscriptions(ctx, room); err != nil || len(subs) != want {
					t.Errorf("%s: got %d subscriptions, %v, want %d", room, len(subs), err, want)
				}
			}
			if moved, err := s.MoveRoom(ctx, from, to); moved != 0 || err != nil {
				t.Errorf("moved again: got %d, %v, want none", moved, err)
			}
		})
	}
}

func TestABackupIsWholeAndSecretAndNeverOverwrites(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	path, copied := filepath.Join(dir, "bot.db"), filepath.Join(dir, "copy.db")
	s := open(t, path)
	if err := s.Set(ctx, "space", "name", "kept"); err != nil {
		t.Fatal(err)
	}
	if err := store.Backup(ctx, path, copied); err != nil { // while the store is open
		t.Fatal(err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the copy: got %v, %v, want 0600", info, err)
	}
	if value, _, err := open(t, copied).Get(ctx, "space", "name"); value != "kept" || err != nil {
		t.Errorf("value in the copy: got %q, %v", value, err)
	}
	for _, c := range []struct{ from, to, want string }{
		{path, copied, "is there already"},
		{filepath.Join(dir, "none.db"), filepath.Join(dir, "x"), "there is no database"},
		{"postgres://user:secret@host/db", filepath.Join(dir, "x"), "pg_dump"},
	} {
		err := store.Backup(ctx, c.from, c.to)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("backup of %s to %s: got %v, want %q", c.from, c.to, err, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
		t.Error("a backup that failed left a file behind")
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if err := store.Backup(canceled, path, filepath.Join(dir, "late")); !errors.Is(err, context.Canceled) {
		t.Errorf("a backup that is stopped: got %v", err)
	}
}
