package bot

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// Apology is what people see when the program, not they, made a mistake.
const Apology = "Something went wrong on my side, and it is logged. Please ask again in a moment."

// Guard returns a handler that gives h at most limit for an answer, and turns
// an error or a panic of h into one log line and the fixed [Apology]. It
// returns an error only when ctx itself has ended, for then nobody waits.
func Guard(log *slog.Logger, limit time.Duration, h Handler) Handler {
	return HandlerFunc(func(ctx context.Context, m Message) (Reply, error) {
		timed, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		reply, err := caught(timed, h, m)
		switch {
		case err == nil:
			return reply, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		log.ErrorContext(ctx, "answer failed", "room", m.Room.String(), "message", m.ID, "error", err)
		return Say(Apology), nil
	})
}

// PostCaught makes a post. A panic in it leaves the outcome unknown, and its stack is
// in the error, a [PostError].
func PostCaught(ctx context.Context, post func(context.Context, Post) (Receipt, error), p Post) (receipt Receipt, err error) {
	defer func() {
		if v := recover(); v != nil {
			receipt, err = Receipt{}, &PostError{Outcome: Unknown, Err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		}
	}()
	return post(ctx, p)
}

func caught(ctx context.Context, h Handler, m Message) (reply Reply, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return h.Answer(ctx, m)
}
