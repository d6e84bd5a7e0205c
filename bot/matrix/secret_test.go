package matrix_test

import (
	"os"
	"path/filepath"
	"testing"

	"rapporteur/bot/matrix"
)

func TestThePickleKeyIsMadeOnceAndKeptSecret(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "new", "bot.db.pickle-key")
	first, err := matrix.PickleKey(file)
	if err != nil || len(first) < 32 {
		t.Fatalf("first: got %d characters, %v, want at least 32", len(first), err)
	}
	if again, err := matrix.PickleKey(file); again != first || err != nil {
		t.Errorf("again: got another key, %v, want the same", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file: got %v, %v, want mode 0600", info, err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := matrix.PickleKey(file); err == nil {
		t.Errorf("empty file: got the key %q, want an error", key)
	}
}
