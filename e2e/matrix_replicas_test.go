package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"

	"rapporteur/store/pgtest"
)

// newDatabase returns the address of an empty database of a PostgreSQL server that
// ends with the test.
func newDatabase(t *testing.T) string {
	t.Helper()
	_, dsn := newPostgres(t)
	return dsn
}

// newPostgres starts a PostgreSQL server with an empty database named matrix.
func newPostgres(t *testing.T) (*pgtest.Server, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server, err := pgtest.Start(ctx)
	if err != nil {
		t.Fatal(err) // .ci/run installs it
	}
	t.Cleanup(func() { _ = server.Stop() })
	dsn, err := server.Database(ctx, "matrix")
	need(t, err)
	return server, dsn
}

// onPostgres puts the database of the settings onto PostgreSQL, and the keys where
// all replicas find them.
func onPostgres(t *testing.T, settings, dsn string) string {
	t.Helper()
	return strings.Replace(settings, "database: ", "database: "+dsn+" # ", 1) +
		"  pickle_key: the-same-on-all-replicas-0123456789\n  recovery_key_file: " + filepath.Join(t.TempDir(), "recovery") + "\n"
}

// ofEither leaves the settings on SQLite, or puts the database onto PostgreSQL: a
// journey that is walked twice is walked once on each. The keys' own files are where
// they would be on SQLite.
func ofEither(t *testing.T, settings string, postgres bool) string {
	t.Helper()
	if !postgres {
		return settings
	}
	const pickle = "of-a-journey-on-postgresql-0123456789"
	file := databaseOf(settings)
	need(t, os.WriteFile(file+".pickle-key", []byte(pickle), 0o600))
	return strings.Replace(settings, "database: ", "database: "+newDatabase(t)+" # ", 1) +
		"  pickle_key: " + pickle + "\n  recovery_key_file: " + file + ".recovery-key\n"
}

// TestAReplicaThatSleepsOverItsLeaseDoesNothingTwice stops the replica that works
// for longer than its lease, while an edition falls due: the other one answers and
// delivers, and the one that wakes up repeats nothing.
func TestAReplicaThatSleepsOverItsLeaseDoesNothingTwice(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	settings = onPostgres(t, settings, newDatabase(t))
	first := startBot(t, settings)
	waitLog(t, first, "matrix session open")
	second := startBot(t, settings)
	waitLog(t, second, "stands by")
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	asked := 0
	ask := func(words string) {
		t.Helper()
		asked++
		question := p.mustSay(t, room, map[string]any{"body": "!iis " + words})
		waitLong(t, p, "the answer to "+words, room, 1, time.Minute, inThread(user, question))
	}
	due := time.Now().UTC().Add(5 * time.Second).Truncate(time.Minute).Add(time.Minute)
	ask("subscribe digest daily " + due.Format("15:04") + " UTC lead:30d")
	for left := time.Until(due) - 3*time.Second; left > 0; left = time.Until(due) - 3*time.Second {
		time.Sleep(min(left, 100*time.Millisecond))
	}
	need(t, first.cmd.Process.Signal(syscall.SIGSTOP))
	ask("glossary APR")
	editions := func(evt *event.Event) bool { return from(user)(evt) && raw(evt, "msgtype") == "m.text" }
	waitLong(t, p, "the edition", room, 1, 2*time.Minute, editions)
	need(t, first.cmd.Process.Signal(syscall.SIGCONT))
	waitLog(t, first, "stands by")
	ask("glossary IIS")
	answers := func(evt *event.Event) bool {
		return from(user)(evt) && raw(evt, "msgtype") == "m.notice" && !isGreeting(evt, user)
	}
	if got := len(p.wait(t, "answers", room, asked, answers)); got != asked {
		t.Errorf("got %d answers, want %d: one each", got, asked)
	}
	if got := len(p.wait(t, "editions", room, 1, editions)); got != 1 {
		t.Errorf("got %d editions, want one", got)
	}
}

// TestKeysOnPostgresAreNeverWipedAndCanBeRestored does on PostgreSQL what acceptance
// 50 asks for: a wrong pickle key, lost keys, and a new database with the recovery
// key.
func TestKeysOnPostgresAreNeverWipedAndCanBeRestored(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, plain := matrixSettings(t, hs, "bot-password-canary")
	server, dsn := newPostgres(t)
	settings := onPostgres(t, plain, dsn)
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	ask := func() {
		t.Helper()
		question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
		waitLong(t, p, "an answer", room, 1, time.Minute, inThread(user, question))
	}
	ask()
	stop := func(b *process) {
		t.Helper()
		_ = b.cmd.Process.Signal(stopSignal)
		need(t, b.wait(patience))
	}
	stop(bot)
	do := func(statement string) {
		t.Helper()
		need(t, server.Run(t.Context(), "matrix", statement))
	}
	refuses := func(settings, words string) {
		t.Helper()
		b := startBot(t, settings)
		if err := b.wait(patience); err == nil || !strings.Contains(b.log(), words) {
			t.Errorf("got %v and %s, want a failure that says %q", err, b.log(), words)
		}
	}
	refuses(strings.Replace(settings, "the-same-on-all", "another", 1), "nothing was changed")
	bot = startBot(t, settings)
	ask()
	stop(bot)
	do("ALTER TABLE crypto_account RENAME TO crypto_account_away")
	refuses(settings, "the tables of the encryption keys in the database cannot be read")
	do("ALTER TABLE crypto_account_away RENAME TO crypto_account")
	do("CREATE TABLE aside AS SELECT * FROM crypto_account")
	do("DELETE FROM crypto_account")
	refuses(settings, "that this database does not hold")
	do("DROP SCHEMA public CASCADE")
	do("CREATE SCHEMA public")
	bot = startBot(t, settings) // a new device, signed with the recovery key
	waitLog(t, bot, "matrix session open")
	ask()
}

// TestAnotherReplicaTakesTheAccountOver runs two processes on one PostgreSQL and
// one Matrix account in an encrypted room: one works, the other stands by, and
// takes over within 30 s of the first one's death. Every question is answered
// once, and each answer can be read.
func TestAnotherReplicaTakesTheAccountOver(t *testing.T) {
	t.Parallel()
	hs := sharedHomeserver(t)
	user, settings := matrixSettings(t, hs, "bot-password-canary")
	settings = onPostgres(t, settings, newDatabase(t))
	replicas := []*process{startBot(t, settings), startBot(t, settings)}
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	asked := 0
	ask := func() (took time.Duration) {
		t.Helper()
		asked++
		start := time.Now()
		question := p.mustSay(t, room, map[string]any{"body": fmt.Sprintf("!iis glossary APR %d", asked)})
		p.wait(t, "an answer", room, 1, inThread(user, question))
		return time.Since(start)
	}
	for range 3 {
		ask()
	}
	working := -1
	for i, r := range replicas {
		if strings.Contains(r.log(), "matrix session open") {
			if working >= 0 {
				t.Error("both replicas work for the account")
			}
			working = i
		}
	}
	if working < 0 {
		t.Fatal("no replica works for the account")
	}
	replicas[working].kill()
	took := ask()
	t.Logf("answered %v after the replica died", took.Round(time.Millisecond))
	if took > 30*time.Second {
		t.Errorf("take-over: took %v, want at most 30 s", took)
	}
	// The other way round, and by a stop in order, which need not be waited for.
	third := startBot(t, settings)
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(third.log(), "stands by"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the third replica did not stand by at first")
		}
	}
	ask()
	_ = replicas[1-working].cmd.Process.Signal(stopSignal)
	if err := replicas[1-working].wait(25 * time.Second); err != nil {
		t.Errorf("stop in order: got %v, want exit 0", err)
	}
	took = ask()
	t.Logf("answered %v after the replica stopped in order", took.Round(time.Millisecond))
	if got := len(p.wait(t, "all answers", room, asked, from(user))); got != asked {
		t.Errorf("got %d answers, want %d: one each", got, asked)
	}
}
