package bot

import (
	"context"
	"strconv"
	"sync"
	"time"
)

// waiting counts the messages of each person that are taken in and not dealt with,
// so that whoever asks faster than is answered can be told so.
type waiting struct {
	mu  sync.Mutex
	now map[string]*waiter
}

// waiter is a person with messages that wait: since when, by message. told is set
// once the person was told that there are many.
type waiter struct {
	since map[string]time.Time
	told  bool
}

// waitsFor is how long a message counts as waiting: another replica may have dealt
// with it.
const waitsFor = 15 * time.Minute

// come notes that a message waits. It returns how many of its sender do, and
// whether the sender is to be told.
func (w *waiting) come(m Message, quota int, now time.Time) (n int, tell bool) {
	if m.Sender == "" || quota <= 0 {
		return 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now == nil {
		w.now = map[string]*waiter{}
	}
	who := w.now[m.Sender]
	if who == nil {
		who = &waiter{since: map[string]time.Time{}}
		w.now[m.Sender] = who
	}
	if len(who.since) >= quota {
		for key, since := range who.since {
			if now.Sub(since) > waitsFor {
				delete(who.since, key)
			}
		}
	}
	who.since[AnswerKey(m)] = now
	if len(who.since) <= quota || who.told {
		return len(who.since), false
	}
	who.told = true
	return len(who.since), true
}

// gone notes that a message is dealt with. Who has none left may be told again.
func (w *waiting) gone(m Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	who := w.now[m.Sender]
	if who == nil {
		return
	}
	if delete(who.since, AnswerKey(m)); len(who.since) == 0 {
		delete(w.now, m.Sender)
	}
}

const (
	// mostNotices is how many people may be about to be told.
	mostNotices = 64
	// tellers is how many of them are told at once.
	tellers     = 4
	noticeLimit = time.Minute
)

// admit counts a message, and has its sender told where too many of theirs wait.
// They are answered all the same.
func (s *Server) admit(ctx context.Context, m Message) {
	n, tell := s.waits.come(m, s.Quota, s.Now())
	if !tell {
		return
	}
	p := Post{
		Room: m.Room, Thread: m.Thread, Return: m.Return, To: m.Sender, Key: "busy/" + AnswerKey(m), Purpose: ForNotice,
		Reply: Reply{Paragraph{Text: "I am still answering " + strconv.Itoa(n) + " questions of yours. Each of them gets its answer, in its turn."}},
	}
	select {
	case s.notices <- p:
	default:
		s.Log.WarnContext(ctx, "too many people at once to tell that they wait", "room", m.Room.String())
	}
}

// tellAll tells people that they wait, until ctx ends. Who cannot be told waits all
// the same.
func (s *Server) tellAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-s.notices:
			posting, cancel := context.WithTimeout(ctx, noticeLimit)
			if _, err := s.Platform.Post(posting, p); err != nil {
				s.Log.InfoContext(ctx, "a person not told that their questions wait", "room", p.Room.String(), "error", err)
			}
			cancel()
		}
	}
}
