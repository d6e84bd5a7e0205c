package bot_test

import (
	"context"
	"sync"
	"testing"

	"rapporteur/bot"
)

// TestSwapFinishesAnAnswerWithTheHandlerThatBeganIt swaps while an answer waits.
func TestSwapFinishesAnAnswerWithTheHandlerThatBeganIt(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	swap := bot.NewSwap(bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) {
		close(begun)
		<-finish
		return bot.Say("old"), nil
	}))
	var inFlight sync.WaitGroup
	inFlight.Go(func() {
		got, err := swap.Answer(t.Context(), bot.Message{})
		if err != nil || got.String() != "old" {
			t.Errorf("got %q, %v, want old", got.String(), err)
		}
	})
	<-begun
	swap.Put(bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) { return bot.Say("new"), nil }))
	got, err := swap.Answer(t.Context(), bot.Message{})
	if err != nil || got.String() != "new" {
		t.Errorf("got %q, %v, want new", got.String(), err)
	}
	close(finish)
	inFlight.Wait()
}
