package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestTheCorpusIsReadAnewWhileServing asks before and after a document was added
// and the program was told to read its corpus anew.
func TestTheCorpusIsReadAnewWhileServing(t *testing.T) {
	t.Parallel()
	dir, home := t.TempDir(), t.TempDir()
	in, say := io.Pipe()
	reload := make(chan os.Signal, 1)
	out, log := &heard{}, &heard{}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"--corpus", dir, "serve"}, environment{
			getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": home}[name] },
			in:     in, out: out, err: log, now: time.Now, reload: reload,
		})
	}()
	ask := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !strings.Contains(out.String(), want); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("got %s\n%s\nwant %q", out, log, want)
			}
			_, _ = io.WriteString(say, "What does Norway say about submarine cables?\n")
		}
	}
	ask("Nothing by Norway")
	text := "---\ntitle: Statement of Norway\ndelegation: Norway\ndate: 2024-03-04\nlanguage: en\n---\nNorway wants submarine cables to be protected by all.\n"
	if err := os.WriteFile(filepath.Join(dir, "norway.md"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	reload <- syscall.SIGHUP
	ask("submarine cables to be protected")
	_ = say.Close()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("the program did not end with its input")
	}
}

// heard is what was written, safe to read meanwhile.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}
