package slack

import (
	"context"
	"time"
)

const (
	mostErrands = 64
	errandLimit = 20 * time.Second
)

// errands are the small things that are done for people besides answering them:
// a status, a modal, the home tab. They run in the background, a bounded number
// at once, and outlive the connection that asked for them.
type errands struct {
	slots chan struct{}
}

func newErrands() *errands { return &errands{slots: make(chan struct{}, mostErrands)} }

// run runs an errand in the background, or says that there are too many.
func (e *errands) run(ctx context.Context, errand func(context.Context)) bool {
	select {
	case e.slots <- struct{}{}:
	default:
		return false
	}
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer func() { <-e.slots }()
		ctx, cancel := context.WithTimeout(ctx, errandLimit)
		defer cancel()
		errand(ctx)
	}()
	return true
}

// finish waits for the errands that are under way, by taking every slot once;
// others may begin meanwhile.
func (e *errands) finish() {
	for range cap(e.slots) {
		e.slots <- struct{}{}
	}
	for range cap(e.slots) {
		<-e.slots
	}
}
