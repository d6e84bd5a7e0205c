package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Inbox is where messages are kept from the moment they are heard until they
// are answered.
type Inbox interface {
	// Receive commits m under a lease until now+lease. fresh is false when the
	// message is known already: then nothing is to be done.
	Receive(ctx context.Context, m Message, now time.Time, lease time.Duration) (fresh bool, err error)
	// Reclaim takes over at most limit messages of the platform whose lease has
	// run out unanswered, because the process that held them died or gave them
	// back, and leases them until now+lease.
	Reclaim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]Message, error)
	// Return gives m back, which is held until held, so that it is taken up again
	// from notBefore on; m.Unsent says whether nothing of an answer can have been
	// posted. Where somebody else holds m by now it does nothing.
	Return(ctx context.Context, m Message, held, notBefore time.Time) error
	// Answered marks m as done and, in the same step, adds t to its conversation
	// unless t is zero. Done again, it changes nothing.
	Answered(ctx context.Context, m Message, r Receipt, t Turn, now time.Time) error
}

// Server answers the messages of one platform. Its fields must not change once
// it runs.
type Server struct {
	// Platform is heard and posted to.
	Platform Platform
	// Handler answers.
	Handler Handler
	// Inbox keeps the messages.
	Inbox Inbox
	// Posting, where it is set, hears of each answer before it is posted, and
	// Posted once it is in its room. Until Posted has succeeded the message does
	// not count as answered.
	Posting func(ctx context.Context, p Post) error
	Posted  func(ctx context.Context, p Post, r Receipt) error
	// Log takes what goes wrong.
	Log *slog.Logger
	// Workers is how many messages are answered at once; 8 when 0.
	Workers int
	// Lease is how long a message may take before another process takes it
	// over; a minute when 0.
	Lease time.Duration
	// MaxAge is how old an abandoned message may be to be taken up again, a day
	// when 0. It also ends the attempts at a post whose outcome cannot be found
	// out.
	MaxAge time.Duration
	// Quota is how many messages of one person may wait before the person is told,
	// once, that they do; nobody is told when 0.
	Quota int
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time

	start   sync.Once
	work    chan job
	waits   waiting
	notices chan Post
}

// Settler is a platform that wants to know when a message is dealt with, whether
// anything was posted or not.
type Settler interface{ Settled(m Message) }

type job struct {
	message  Message
	doubtful bool
	// held is until when the message is this process's.
	held time.Time
}

const (
	// backlog bounds the messages that wait in memory. What does not fit waits in
	// the inbox.
	backlog = 1024
	// longestWait is how long a worker waits before it repeats a post. What has to
	// wait longer goes back to the inbox, so that nobody waits behind it.
	longestWait = 10 * time.Second
)

func (s *Server) init() {
	s.start.Do(func() {
		if s.Workers == 0 {
			s.Workers = 8
		}
		if s.Lease == 0 {
			s.Lease = time.Minute
		}
		if s.MaxAge == 0 {
			s.MaxAge = 24 * time.Hour
		}
		if s.Now == nil {
			s.Now = time.Now
		}
		s.work = make(chan job, backlog)
		s.notices = make(chan Post, mostNotices)
	})
}

// Receive commits m and hands it to a worker. It implements [Receiver].
func (s *Server) Receive(ctx context.Context, m Message) error {
	s.init()
	now := s.Now()
	fresh, err := s.Inbox.Receive(ctx, m, now, s.Lease)
	if err != nil {
		return fmt.Errorf("commit message %s of %s: %w", m.ID, m.Room, err)
	}
	if fresh {
		s.admit(ctx, m)
		s.queue(ctx, job{message: m, held: now.Add(s.Lease)})
	}
	return nil
}

// queue hands a job to the workers, or gives it back when they are all busy and
// the backlog is full.
func (s *Server) queue(ctx context.Context, j job) {
	select {
	case s.work <- j:
	default:
		s.Log.WarnContext(ctx, "backlog full, the message waits in the inbox", "room", j.message.Room.String(), "message", j.message.ID)
		s.giveBack(ctx, j, s.Now())
	}
}

// giveBack gives a message back to the inbox, to be taken up again from notBefore
// on. Where that fails, it is when its lease has run out.
func (s *Server) giveBack(ctx context.Context, j job, notBefore time.Time) {
	j.message.Unsent = !j.doubtful
	if err := s.Inbox.Return(ctx, j.message, j.held, notBefore); err != nil {
		s.Log.ErrorContext(ctx, "give a message back", "room", j.message.Room.String(), "message", j.message.ID, "error", err)
	}
}

// Run hears and answers until ctx ends, takes over what a dead process left
// unanswered, and returns when the answers in flight are done. It returns the
// error of [Platform.Listen].
func (s *Server) Run(ctx context.Context) error {
	s.init()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var done sync.WaitGroup
	for range s.Workers {
		done.Go(func() { s.answerAll(ctx) })
	}
	done.Go(func() { s.reclaimAll(ctx) })
	if s.Quota > 0 {
		for range tellers {
			done.Go(func() { s.tellAll(ctx) })
		}
	}
	err := s.Platform.Listen(ctx, s)
	cancel()
	done.Wait()
	s.leave(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.Platform.Name(), err)
	}
	return nil
}

// leaveLimit is how long a server that stops may take to give messages back.
const leaveLimit = 10 * time.Second

// leave gives back what still waits for a worker when the server stops, so that the
// next process takes it up at once, as never tried.
func (s *Server) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, leaveLimit)
	defer cancel()
	for {
		select {
		case j := <-s.work:
			s.giveBack(ctx, j, s.Now())
		default:
			return
		}
	}
}

func (s *Server) answerAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-s.work:
			s.answer(ctx, j)
		}
	}
}

// standsBy says whether the platform leaves its work to another replica at
// present, which then also takes up what was left unanswered.
func (s *Server) standsBy() bool {
	other, is := s.Platform.(interface{ StandsBy() bool })
	return is && other.StandsBy()
}

// standbyPoll is how often a replica that stands by looks whether it is its turn.
const standbyPoll = time.Second

// reclaimAll looks for abandoned messages at once, or when it is this replica's turn,
// and then every half lease.
func (s *Server) reclaimAll(ctx context.Context) {
	tick := time.NewTicker(max(s.Lease/2, time.Millisecond))
	defer tick.Stop()
	for {
		for s.standsBy() {
			if !rest(ctx, ctx, standbyPoll) {
				return
			}
		}
		now := s.Now()
		left, err := s.Inbox.Reclaim(ctx, s.Platform.Name(), now, s.Lease, min(backlog/4, max(backlog/2-len(s.work), 1)))
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "look for unanswered messages", "platform", s.Platform.Name(), "error", err)
		}
		for _, m := range left {
			doubtful := !m.Unsent
			m.Unsent = false
			s.queue(ctx, job{message: m, doubtful: doubtful, held: now.Add(s.Lease)})
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// answer answers one message and marks it done. A post whose outcome leaves it
// open is repeated by Reclaim when the lease has run out, as doubtful.
func (s *Server) answer(ctx context.Context, j job) {
	m := j.message
	if settler, wants := s.Platform.(Settler); wants {
		defer settler.Settled(m)
	}
	running := ctx
	// An answer in flight outlives a stop for a while, so that it is not cut
	// off between post and mark, but never the time for which it is held.
	left := j.held.Sub(s.Now())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), left)
	defer cancel()
	if left < s.Lease/2 { // it has waited for long in memory
		s.giveBack(context.WithoutCancel(running), j, s.Now())
		return
	}
	if age := s.Now().Sub(m.SentAt); j.doubtful && !m.SentAt.IsZero() && age > s.MaxAge {
		s.Log.WarnContext(ctx, "message expired, not answered", "room", m.Room.String(), "message", m.ID, "age", age.String())
		s.done(ctx, m, Receipt{}, Turn{})
		return
	}
	if completer, is := s.Platform.(Completer); is {
		m = completer.Complete(ctx, m)
	}
	making, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if interrupter, is := s.Platform.(Interrupter); is {
		interrupter.Interrupt(ctx, m, stop)
	}
	reply, err := s.Handler.Answer(making, m)
	if errors.Is(context.Cause(making), ErrStopped) {
		s.Log.InfoContext(ctx, "answer stopped by a person", "room", m.Room.String(), "message", m.ID)
		s.done(ctx, m, Receipt{}, Turn{})
		return
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "answer failed", "room", m.Room.String(), "message", m.ID, "error", err)
		return
	}
	var receipt Receipt
	reply, turn := reply.turn(m)
	if len(reply) > 0 {
		p := Post{
			Room: m.Room, Thread: m.Thread, Return: m.Return, To: m.Sender, Asked: m.Text, Question: turn.Question,
			Reply: reply, Key: AnswerKey(m), Doubtful: j.doubtful, Since: m.SentAt,
		}
		if s.Posting != nil {
			if err := s.Posting(ctx, p); err != nil {
				s.Log.ErrorContext(ctx, "keep what an answer is about to say", "room", m.Room.String(), "message", m.ID, "error", err)
				s.giveBack(context.WithoutCancel(ctx), j, s.Now().Add(longestWait))
				return
			}
		}
		receipt, err = s.post(ctx, running, p)
		switch outcome, after := OutcomeOf(err); {
		case err == nil:
			if err := s.remember(ctx, running, p, receipt); err != nil {
				s.Log.ErrorContext(ctx, "remember an answer; it is looked for again", "room", m.Room.String(), "message", m.ID, "error", err)
				return
			}
		case outcome == NotSent:
			s.Log.InfoContext(ctx, "answer not posted yet", "room", m.Room.String(), "message", m.ID, "wait", after.String(), "error", err)
			s.giveBack(context.WithoutCancel(ctx), j, s.Now().Add(after))
			return
		case outcome == Refused || outcome == Gone:
			s.Log.ErrorContext(ctx, "answer cannot be posted", "room", m.Room.String(), "message", m.ID, "error", err)
			turn = Turn{} // nobody has read it
		default:
			s.Log.WarnContext(ctx, "answer not posted yet", "room", m.Room.String(), "message", m.ID, "wait", after.String(), "error", err)
			if after > 0 { // the platform knows when it can tell more
				j.doubtful = true
				s.giveBack(context.WithoutCancel(ctx), j, s.Now().Add(after))
			}
			return
		}
	}
	s.done(ctx, m, receipt, turn)
}

// remember hands on that an answer is in its room, again and again while the
// message is held. Where that fails, Reclaim finds the message again, as doubtful,
// and the platform the answer.
func (s *Server) remember(ctx, running context.Context, p Post, r Receipt) error {
	if s.Posted == nil {
		return nil
	}
	for wait := time.Second; ; wait = min(2*wait, longestWait) {
		err := s.Posted(ctx, p, r)
		if err == nil {
			return nil
		}
		if !rest(ctx, running, wait) {
			return err
		}
	}
}

// rest waits; false where the message is held no longer or the server stops first.
func rest(ctx, running context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-running.Done():
		return false
	case <-timer.C:
		return true
	}
}

// done marks a message as answered. Where that fails, Reclaim finds it again,
// as doubtful.
func (s *Server) done(ctx context.Context, m Message, receipt Receipt, turn Turn) {
	s.waits.gone(m)
	if err := s.Inbox.Answered(ctx, m, receipt, turn, s.Now()); err != nil {
		s.Log.ErrorContext(ctx, "mark message as answered", "room", m.Room.String(), "message", m.ID, "error", err)
	}
}

// post repeats a post that surely did not go out, or whose platform can soon tell
// whether it did, unless that would take long or the server stops. A doubt that an
// attempt has left stays.
func (s *Server) post(ctx, running context.Context, p Post) (Receipt, error) {
	doubted := false
	for wait := time.Second; ; wait *= 2 {
		receipt, err := PostCaught(ctx, s.Platform.Post, p)
		outcome, after := OutcomeOf(err)
		again := outcome == NotSent || (outcome == Unknown && after > 0)
		doubted = doubted || outcome == Unknown
		pause := max(wait, after)
		if err == nil || !again || pause > longestWait || !rest(ctx, running, pause) {
			if err != nil && outcome == NotSent && doubted {
				err = &PostError{Outcome: Unknown, RetryAfter: max(after, time.Second), Err: err}
			}
			return receipt, err
		}
		p.Doubtful = p.Doubtful || doubted
	}
}

// AnswerKey names the answer to a message: the same message has the same key on
// every replica and after every restart.
func AnswerKey(m Message) string { return "answer/" + m.Room.String() + "/" + m.ID }
