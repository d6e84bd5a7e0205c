package digest

import (
	"context"
	"encoding/json"
	"fmt"

	"rapporteur/bot"
)

// Once carries out what a message orders once, however often the message is taken up:
// whoever takes it over cannot know whether the order was carried out already, and
// the opposite of an undo is an undo.
type Once interface {
	// CarryOut runs do for a message and returns what do returns, or what it returned
	// when the message was carried out before. What do writes under the context that
	// it is given is kept together with what it returns, or not at all.
	CarryOut(ctx context.Context, m bot.Message, do func(ctx context.Context) ([]byte, error)) ([]byte, error)
}

// once returns a handler that lets answer carry a message out once and gives the same
// reply each time.
func once(o Once, answer bot.HandlerFunc) bot.HandlerFunc {
	return func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		said, err := o.CarryOut(ctx, m, func(ctx context.Context) ([]byte, error) {
			reply, err := answer(ctx, m)
			if err != nil {
				return nil, err
			}
			return writeOutcome(reply)
		})
		if err != nil {
			return nil, fmt.Errorf("carry an order out: %w", err)
		}
		return readOutcome(said)
	}
}

// outcome is a reply as it is written down. Times are kept beside it, by where they
// stand, for a reply that is written down has their lines alone.
type outcome struct {
	Reply json.RawMessage   `json:"reply"`
	Times map[int]bot.Times `json:"times,omitempty"`
}

func writeOutcome(reply bot.Reply) ([]byte, error) {
	blocks, err := writeWhole(reply)
	if err != nil {
		return nil, err
	}
	o := outcome{Reply: blocks, Times: map[int]bot.Times{}}
	for i, block := range reply {
		if times, are := block.(bot.Times); are {
			o.Times[i] = times
		}
	}
	data, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("write down what came of an order: %w", err)
	}
	return data, nil
}

// readOutcome reads what writeOutcome wrote; nothing says nothing.
func readOutcome(data []byte) (bot.Reply, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var o outcome
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, fmt.Errorf("read what came of an order: %w", err)
	}
	reply, err := readReply(o.Reply, nil)
	if err != nil {
		return nil, err
	}
	for i, times := range o.Times {
		if i < len(reply) {
			reply[i] = times
		}
	}
	return reply, nil
}
