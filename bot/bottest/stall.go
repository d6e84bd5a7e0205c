package bottest

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// stallEvery is how often Stall looks whether the machine still does what is asked.
const stallEvery = 50 * time.Millisecond

// Stall measures how long the machine itself holds everything up while a test
// measures the bot: a shared disk or processor may stand still for seconds. It writes
// a few bytes to the disk again and again. The function that it returns gives the
// longest that one round has taken beyond its time, and may be called at any time.
func Stall(t *testing.T) (longest func() time.Duration) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stall")) //nolint:gosec // the path is the test's own
	if err != nil {
		t.Fatal(err)
	}
	var most atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for begun := time.Now(); ctx.Err() == nil; begun = time.Now() {
			_, _ = file.WriteAt([]byte("tick"), 0) // what fails takes no time
			_ = file.Sync()
			time.Sleep(stallEvery)
			if late := time.Since(begun) - stallEvery; late > time.Duration(most.Load()) {
				most.Store(int64(late))
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		_ = file.Close()
	})
	return func() time.Duration { return time.Duration(most.Load()) }
}
