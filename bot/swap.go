package bot

import (
	"context"
	"sync/atomic"
)

// Swap is a handler that another one can take the place of while it answers: an
// answer in the making is finished by the handler that began it. Make it with
// [NewSwap].
type Swap struct{ current atomic.Pointer[Handler] }

// NewSwap returns a Swap that answers with h.
func NewSwap(h Handler) *Swap {
	s := &Swap{}
	s.Put(h)
	return s
}

// Put lets h answer from now on.
func (s *Swap) Put(h Handler) { s.current.Store(&h) }

// Answer answers with the handler of the moment.
func (s *Swap) Answer(ctx context.Context, m Message) (Reply, error) {
	return (*s.current.Load()).Answer(ctx, m)
}
