package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapporteur/store"
)

// TestADamagedFileIsNotTouched cuts a database off, and overwrites its head.
func TestADamagedFileIsNotTouched(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for range 400 {
		if err := db.Note(t.Context(), "s", time.Now().String(), strings.Repeat("x", 500), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"half":        whole[:len(whole)/2],
		"most":        whole[:len(whole)*9/10],
		"no database": []byte(strings.Repeat("these are other people's words. ", 300)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bot.db")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := store.Open(t.Context(), path)
			if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "rapporteur backup") || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want to be told what to do", err)
			}
			if left, err := os.ReadFile(path); err != nil || len(left) != len(data) {
				t.Errorf("afterwards: got %d bytes, %v, want the file as it was, %d", len(left), err, len(data))
			}
		})
	}
}
