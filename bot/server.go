package bot

import (
	"context"
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
	// run out unanswered, because the process that held them died, and leases
	// them until now+lease.
	Reclaim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]Message, error)
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
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time

	start sync.Once
	work  chan job
}

// Settler is a platform that wants to know when a message is dealt with, whether
// anything was posted or not.
type Settler interface{ Settled(m Message) }

type job struct {
	message  Message
	doubtful bool
}

// backlog bounds the messages that wait in memory. What does not fit waits in
// the inbox until its lease runs out.
const backlog = 256

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
	})
}

// Receive commits m and hands it to a worker. It implements [Receiver].
func (s *Server) Receive(ctx context.Context, m Message) error {
	s.init()
	fresh, err := s.Inbox.Receive(ctx, m, s.Now(), s.Lease)
	if err != nil {
		return fmt.Errorf("commit message %s of %s: %w", m.ID, m.Room, err)
	}
	if fresh {
		s.queue(job{message: m})
	}
	return nil
}

// queue hands a job to the workers, or leaves it to Reclaim when they are all
// busy and the backlog is full.
func (s *Server) queue(j job) {
	select {
	case s.work <- j:
	default:
		s.Log.Warn("backlog full, the message waits in the inbox", "room", j.message.Room.String(), "message", j.message.ID)
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
	err := s.Platform.Listen(ctx, s)
	cancel()
	done.Wait()
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.Platform.Name(), err)
	}
	return nil
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

// reclaimAll looks for abandoned messages at once and then every half lease.
func (s *Server) reclaimAll(ctx context.Context) {
	tick := time.NewTicker(max(s.Lease/2, time.Millisecond))
	defer tick.Stop()
	for {
		left, err := s.Inbox.Reclaim(ctx, s.Platform.Name(), s.Now(), s.Lease, backlog/4)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "look for unanswered messages", "platform", s.Platform.Name(), "error", err)
		}
		for _, m := range left {
			s.queue(job{message: m, doubtful: true})
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
	// An answer in flight outlives a stop for a while, so that it is not cut
	// off between post and mark.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Lease)
	defer cancel()
	if age := s.Now().Sub(m.SentAt); j.doubtful && !m.SentAt.IsZero() && age > s.MaxAge {
		s.Log.WarnContext(ctx, "message expired, not answered", "room", m.Room.String(), "message", m.ID, "age", age.String())
		s.done(ctx, m, Receipt{}, Turn{})
		return
	}
	reply, err := s.Handler.Answer(ctx, m)
	if err != nil {
		s.Log.ErrorContext(ctx, "answer failed", "room", m.Room.String(), "message", m.ID, "error", err)
		return
	}
	var receipt Receipt
	reply, turn := reply.turn(m)
	if len(reply) > 0 {
		receipt, err = s.post(ctx, Post{
			Room: m.Room, Thread: m.Thread, Return: m.Return, To: m.Sender,
			Reply: reply, Key: AnswerKey(m), Doubtful: j.doubtful, Since: m.SentAt,
		})
		switch outcome, _ := OutcomeOf(err); {
		case err == nil:
		case outcome == Refused || outcome == Gone:
			s.Log.ErrorContext(ctx, "answer cannot be posted", "room", m.Room.String(), "message", m.ID, "error", err)
			turn = Turn{} // nobody has read it
		default:
			s.Log.WarnContext(ctx, "answer not posted yet", "room", m.Room.String(), "message", m.ID, "error", err)
			return
		}
	}
	s.done(ctx, m, receipt, turn)
}

// done marks a message as answered. Where that fails, Reclaim finds it again,
// as doubtful.
func (s *Server) done(ctx context.Context, m Message, receipt Receipt, turn Turn) {
	if err := s.Inbox.Answered(ctx, m, receipt, turn, s.Now()); err != nil {
		s.Log.ErrorContext(ctx, "mark message as answered", "room", m.Room.String(), "message", m.ID, "error", err)
	}
}

// post repeats a post that surely did not go out, as long as ctx lasts.
func (s *Server) post(ctx context.Context, p Post) (Receipt, error) {
	wait := time.Second
	for {
		receipt, err := s.Platform.Post(ctx, p)
		outcome, after := OutcomeOf(err)
		if err == nil || outcome != NotSent {
			return receipt, err
		}
		select {
		case <-ctx.Done():
			return receipt, err
		case <-time.After(max(wait, after)):
			wait = min(2*wait, 30*time.Second)
		}
	}
}

// AnswerKey names the answer to a message: the same message has the same key on
// every replica and after every restart.
func AnswerKey(m Message) string { return "answer/" + m.Room.String() + "/" + m.ID }
