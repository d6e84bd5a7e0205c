package bot

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Platform is one seat of the bot. Implementations are safe for concurrent use.
type Platform interface {
	// Name is the platform's name in [Room.Platform].
	Name() string
	// Listen hears people until ctx ends. It hands each message to in and
	// acknowledges it to the platform only after Receive has returned nil. It
	// returns an error only when it can never work again, such as a refused
	// token; it reconnects by itself.
	Listen(ctx context.Context, in Receiver) error
	// Post posts p. With the same Key it posts once, where the platform can
	// tell. Errors are a [PostError].
	Post(ctx context.Context, p Post) (Receipt, error)
}

// Completer is a platform that completes a message before it is answered, with
// what it would take too long to ask for before the message is acknowledged: the
// words that it doubts, the language and the zone of its sender.
type Completer interface {
	// Complete returns m with what can be found out. What cannot stays as it is.
	Complete(ctx context.Context, m Message) Message
}

// Interrupter is a platform on which a person may stop an answer that is being
// made.
type Interrupter interface {
	// Interrupt gives the platform what stops the answer to m, with [ErrStopped].
	// It works until the message is settled.
	Interrupt(ctx context.Context, m Message, stop context.CancelCauseFunc)
}

// ErrStopped is why an answer ends that a person has stopped: nothing is posted,
// and the message is done.
var ErrStopped = errors.New("stopped by a person")

// Receiver takes messages in.
type Receiver interface {
	// Receive commits the message. After nil the platform may acknowledge it,
	// for the message will be answered even if the process dies now.
	Receive(ctx context.Context, m Message) error
}

// Purpose says why something is posted; platforms mark it accordingly.
type Purpose int

// The purposes of a post.
const (
	// ForAnswer answers a person.
	ForAnswer Purpose = iota
	// ForDigest delivers an edition of a digest, which people want to notice.
	ForDigest
	// ForNotice tells about the bot itself, such as a greeting.
	ForNotice
)

// Post is a reply on its way to a room.
type Post struct {
	// Room and Thread are where it goes; Return as in [Message.Return].
	Room   Room
	Thread string
	Return string
	// To is the person who asked, where it is an answer, and Asked what: the text
	// of the message.
	To, Asked string
	// Question is what is answered, complete by itself, where the answer says so.
	Question string
	// Reply is what is said.
	Reply Reply
	// Key names the delivery: the same key is the same post.
	Key string
	// Purpose says why it is posted.
	Purpose Purpose
	// Doubtful is set when an earlier attempt with this key may have reached
	// the room: look for it before posting again.
	Doubtful bool
	// Unlikely is set beside Doubtful where nothing says that there was an earlier
	// attempt, and it is only not impossible: the database may be a backup. Where
	// nobody can look, it is posted, for a miss is likelier than a double.
	Unlikely bool
	// Since is when the first attempt with this key was made, as far as known.
	Since time.Time
}

// Receipt says that a post is in the room.
type Receipt struct {
	// ID names the posted message within the room; empty where the platform
	// does not tell, or where there was nothing to post.
	ID string
}

// Outcome says what is known about a post that failed.
type Outcome int

// The outcomes of a failed post.
const (
	// NotSent means that the post did not reach the room and may be repeated.
	NotSent Outcome = iota
	// Unknown means that it may or may not have reached the room.
	Unknown
	// Refused means that the platform will never take it.
	Refused
	// Gone means that the room cannot be reached any more: archived, left.
	Gone
)

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not sent"
	case Unknown:
		return "outcome unknown"
	case Refused:
		return "refused"
	case Gone:
		return "room gone"
	}
	return fmt.Sprintf("outcome %d", int(o))
}

// PostError is why a post failed and what may be done about it.
type PostError struct {
	// Outcome says whether the post may have reached the room.
	Outcome Outcome
	// RetryAfter is how long the platform asked to wait; 0 where it did not.
	RetryAfter time.Duration
	// Err is the cause.
	Err error
}

// Error returns outcome and cause.
func (e *PostError) Error() string { return e.Outcome.String() + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *PostError) Unwrap() error { return e.Err }

// OutcomeOf returns what is known about a post that failed with err: an error
// that does not say is taken to be [Unknown].
func OutcomeOf(err error) (o Outcome, retryAfter time.Duration) {
	if p, ok := errors.AsType[*PostError](err); ok {
		return p.Outcome, p.RetryAfter
	}
	return Unknown, 0
}
