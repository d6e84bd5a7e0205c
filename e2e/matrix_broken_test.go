package e2e_test

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// withSlack adds a seat on Slack to the settings of a seat on Matrix.
func withSlack(fake *slackfake.Server, settings string) string {
	return settings + "slack:\n  bot_token: " + botToken + "\n  app_token: " + appToken + "\n  api_url: " + fake.APIURL() + "\n"
}

// databaseOf returns the path of the database in the settings.
func databaseOf(settings string) string {
	_, database, _ := strings.Cut(strings.Split(settings, "\n")[0], ": ")
	return database
}

// waitLog waits until the program has logged the words.
func waitLog(t *testing.T, p *process, words string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(p.log(), words); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the program did not log %q", words)
		}
	}
}

// change runs a statement on a database that no program uses.
func change(t *testing.T, database, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+database)
	need(t, err)
	defer func() { need(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), statement)
	need(t, err)
}

// copyFile copies a file.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	need(t, err)
	need(t, os.WriteFile(to, data, 0o600))
}

// TestWhatBreaksMatrixAloneDoesNotStopSlack breaks the pickle key and the tables
// of the keys, one way after the other, and at last the whole database
// (acceptance 50): Matrix says what to do, Slack goes on, nothing is deleted.
func TestWhatBreaksMatrixAloneDoesNotStopSlack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	hs, fake := sharedHomeserver(t), workspace(t)
	user, plain := matrixSettings(t, hs, "bot-password-canary")
	settings := withSlack(fake, plain)
	database := databaseOf(settings)
	pickle := database + ".pickle-key"
	bot := startBot(t, settings)
	p := newConfidant(t, hs)
	room := p.secretRoom(t, user)
	ask := func() {
		t.Helper()
		question := p.mustSay(t, room, map[string]any{"body": "!iis glossary APR"})
		p.wait(t, "an answer", room, 1, inThread(user, question))
	}
	ask()
	_ = bot.cmd.Process.Signal(stopSignal)
	need(t, bot.wait(patience))
	copyFile(t, database, database+".whole")
	key, err := os.ReadFile(pickle)
	need(t, err)

	posts := 0
	for _, c := range []struct {
		name       string
		breakIt    func()
		more, says string
	}{
		{"an empty pickle key", func() { need(t, os.WriteFile(pickle, nil, 0o600)) }, "", "put the key back"},
		{"a pickle key that cannot be read", func() { need(t, os.Remove(pickle)); need(t, os.Mkdir(pickle, 0o700)) }, "", "the pickle key cannot be read"},
		{"a wrong pickle key", func() {}, "  pickle_key: another\n", "nothing was changed"},
		{"lost keys of the same device", func() {
			change(t, database, "DELETE FROM crypto_account")
		}, "", "that this database does not hold"},
		{"a table that is gone", func() { change(t, database, "DROP TABLE crypto_account") }, "", "the tables of the encryption keys in the database cannot be read"},
		{"tables of a later version", func() { change(t, database, "UPDATE crypto_version SET version = 9999, compat = 9999") }, "", "the tables of the encryption keys in the database cannot be read"},
	} {
		c.breakIt()
		before, err := os.ReadFile(database)
		need(t, err)
		bot := startBot(t, strings.Replace(settings, "slack:\n", c.more+"slack:\n", 1))
		need(t, fake.WaitSockets(ctx, 1))
		fake.Mention("C1", "U1", "What is IIS?")
		if _, err := fake.WaitPosts(ctx, posts+1); err != nil {
			t.Fatalf("%s: Slack does not answer: %v", c.name, err)
		}
		posts++
		waitLog(t, bot, c.says)
		_ = bot.cmd.Process.Signal(stopSignal)
		if err := bot.wait(patience); err != nil {
			t.Errorf("%s: got %v, want the program to go on until it is stopped", c.name, err)
		}
		if after, err := os.ReadFile(database); err != nil || len(after) < len(before) {
			t.Errorf("%s: got a database of %d bytes, %v, want nothing deleted from its %d", c.name, len(after), err, len(before))
		}
		need(t, os.RemoveAll(pickle))
		need(t, os.WriteFile(pickle, key, 0o600))
		if strings.Contains(c.name, "table") || strings.Contains(c.name, "lost") {
			copyFile(t, database+".whole", database)
		}
	}
	// With all put back, Matrix goes on where it was.
	bot = startBot(t, settings)
	ask()
	_ = bot.cmd.Process.Signal(stopSignal)
	need(t, bot.wait(patience))

	whole, err := os.ReadFile(database)
	need(t, err)
	need(t, os.WriteFile(database, whole[:len(whole)/2], 0o600))
	bot = startBot(t, settings)
	if err := bot.wait(patience); err == nil {
		t.Error("a truncated database: got exit 0, want a failure")
	}
	if log := bot.log(); !strings.Contains(log, "rapporteur backup") || strings.Count(strings.TrimSpace(log), "\n") > 0 {
		t.Errorf("a truncated database: got %q, want one line that says what to do", log)
	}
	if left, err := os.ReadFile(database); err != nil || len(left) != len(whole)/2 {
		t.Errorf("a truncated database: got %d bytes left, %v, want all", len(left), err)
	}
}
