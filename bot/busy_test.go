package bot_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
)

// Whoever asks faster than is answered is told so once, and is answered all the
// same; others are told nothing.
func TestWhoAsksMoreThanIsAnsweredIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		slow := func(ctx context.Context, m bot.Message) (bot.Reply, error) {
			time.Sleep(time.Second)
			return bot.Say(m.Text), nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		s := &bot.Server{Platform: m, Handler: bot.HandlerFunc(slow), Inbox: m, Log: quiet(), Workers: 2, Quota: 5}
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		id := 0
		ask := func(sender string, n int) {
			for range n {
				id++
				m.messages <- bot.Message{ID: strconv.Itoa(id), Sender: sender, Text: "x", Thread: strconv.Itoa(id)}
			}
		}
		notices := func() (n int, last bot.Post) {
			for _, p := range m.posts {
				if p.Purpose == bot.ForNotice {
					n, last = n+1, p
				}
			}
			return n, last
		}
		ask("eager", 20)
		ask("patient", 5)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		n, notice := notices()
		if n != 1 || notice.To != "eager" || notice.Thread != "6" || !strings.Contains(notice.Reply.String(), "6 questions of yours") {
			t.Errorf("got %d notices, the last %+v, want one for who asked 20 at once, in the thread of the sixth", n, notice)
		}
		if len(m.posts) != 26 {
			t.Errorf("got %d posts, want 25 answers and the notice", len(m.posts))
		}
		ask("eager", 6) // all are answered: it may be told again
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if n, _ := notices(); n != 2 {
			t.Errorf("got %d notices, want another one", n)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
