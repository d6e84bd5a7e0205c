package slack

import (
	"context"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// Guide is what the app shows besides answers.
type Guide interface {
	// Prompts returns at most four questions that are suggested to a person who
	// has not asked yet.
	Prompts(ctx context.Context, now time.Time) []bot.Action
	// Home returns what a visitor sees on the home tab.
	Home(ctx context.Context, v Visitor) (bot.Reply, error)
}

// Visitor is who opens the home tab.
type Visitor struct {
	// Person is the visitor's id.
	Person string
	// Direct is the visitor's conversation with the bot.
	Direct bot.Room
	// Public is set where the visitor may see public documents alone.
	Public bool
	// Channels are where both the visitor and the bot are, as far as Slack says.
	Channels []bot.Room
}

const (
	mostPrompts = 4
	maxTitle    = 200
	// slowly is after how long an answer is announced: most are there before.
	slowly = 400 * time.Millisecond
	// working is what is shown while an answer is made.
	working = "is looking it up"
	// seen is the reaction that shows the same in channels.
	seen = "eyes"
)

// flight is an answer that is being made.
type flight struct {
	stop context.CancelCauseFunc
	over chan struct{}
	// shown says what shows that it is being made, to be taken back.
	shown string
}

// flights are the answers that are being made, by room and message.
type flights struct {
	mu  sync.Mutex
	now map[string]*flight
}

func newFlights() *flights { return &flights{now: map[string]*flight{}} }

func flightName(m bot.Message) string { return m.Room.ID + " " + m.Thread + " " + m.ID }

// begin notes that a message is being answered.
func (f *flights) begin(m bot.Message, stop context.CancelCauseFunc) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := &flight{stop: stop, over: make(chan struct{})}
	f.now[flightName(m)] = at
	return at
}

// land ends the flight of a message and returns what showed it.
func (f *flights) land(m bot.Message) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := flightName(m)
	at := f.now[name]
	if at == nil {
		return ""
	}
	delete(f.now, name)
	close(at.over)
	return at.shown
}

// Interrupt lets a person stop the answer to m, and shows that it is being made
// where that takes a while. It implements [bot.Interrupter].
func (c *Client) Interrupt(ctx context.Context, m bot.Message, stop context.CancelCauseFunc) {
	at := c.flights.begin(m, stop)
	if m.Return == "" && m.Thread != "" {
		c.attended.run(ctx, func(ctx context.Context) { c.attend(ctx, m, at) })
	}
}

// readStopped reads that a person has pressed stop: what is being answered in
// that thread is stopped.
func (c *Client) readStopped(p eventPayload) reading {
	prefix := c.room(p.workspace, p.Event.Channel).ID + " " + p.Event.ThreadTS + " "
	return reading{work: func(context.Context) error {
		c.flights.mu.Lock()
		defer c.flights.mu.Unlock()
		for name, at := range c.flights.now {
			if strings.HasPrefix(name, prefix) {
				at.stop(bot.ErrStopped)
			}
		}
		return nil
	}}
}

// attend shows that a question is being answered, where that takes a while: by
// the state of the session in a direct conversation, by a reaction in a channel.
func (c *Client) attend(ctx context.Context, m bot.Message, at *flight) {
	timer := time.NewTimer(slowly)
	defer timer.Stop()
	select {
	case <-at.over:
		return
	case <-ctx.Done():
		return
	case <-timer.C:
	}
	w, channel, err := c.place(ctx, m.Room)
	if err != nil {
		return
	}
	shown, err := c.show(ctx, w, channel, m)
	if err != nil {
		c.log.DebugContext(ctx, "slack does not show that a question is being answered", "error", err)
		return
	}
	c.flights.mu.Lock()
	landed := c.flights.now[flightName(m)] != at
	at.shown = shown
	c.flights.mu.Unlock()
	if landed {
		c.unshow(ctx, w, channel, m, shown)
	}
}

// show shows that a question is being answered, and says by what.
func (c *Client) show(ctx context.Context, w *workspace, channel string, m bot.Message) (string, error) {
	if err := c.pace.wait(ctx, w.lane()); err != nil {
		return "", err
	}
	if strings.HasPrefix(channel, "D") {
		_, err := w.api.SetAgentSessionStatusContext(ctx, slackgo.AgentSessionSetStatusParameters{
			Status: "processing", ChannelID: channel, ThreadTS: m.Thread, Title: cut(tidy(either(m.Text, "rapporteur")), maxTitle),
		})
		if err == nil {
			return "session", nil
		}
	} else if !w.lacks.Load() {
		err := w.api.AddReactionContext(ctx, seen, slackgo.NewRefToMessage(channel, m.ID))
		if err == nil {
			return "reaction", nil
		}
		if lacksScope(err) {
			w.lacks.Store(true)
		}
	}
	return "status", w.api.SetAssistantThreadsStatusContext(ctx, slackgo.AssistantThreadsSetStatusParameters{
		ChannelID: channel, ThreadTS: m.Thread, Status: working,
	})
}

// unshow takes back what showed that a question is being answered.
func (c *Client) unshow(ctx context.Context, w *workspace, channel string, m bot.Message, shown string) {
	var err error
	switch shown {
	case "session":
		_, err = w.api.SetAgentSessionStatusContext(ctx, slackgo.AgentSessionSetStatusParameters{Status: "active", ChannelID: channel, ThreadTS: m.Thread})
	case "reaction":
		err = w.api.RemoveReactionContext(ctx, seen, slackgo.NewRefToMessage(channel, m.ID))
	case "status":
		err = w.api.SetAssistantThreadsStatusContext(ctx, slackgo.AssistantThreadsSetStatusParameters{ChannelID: channel, ThreadTS: m.Thread})
	}
	if err != nil {
		c.log.DebugContext(ctx, "slack does not show that a question is answered", "error", err)
	}
}

// Settled says that m is dealt with. It implements [bot.Settler].
func (c *Client) Settled(m bot.Message) {
	shown := c.flights.land(m)
	if shown == "" {
		return
	}
	c.errands.run(context.Background(), func(ctx context.Context) {
		if w, channel, err := c.place(ctx, m.Room); err == nil {
			c.unshow(ctx, w, channel, m, shown)
		}
	})
}

// readOpened reads that a person has opened the app: questions are suggested in
// the conversation, and the home tab is drawn.
func (c *Client) readOpened(p eventPayload) reading {
	e := p.Event
	if c.guide == nil || e.User.ID == "" || e.Channel == "" {
		return ignored("an opened app with nothing to show")
	}
	if e.Tab == "messages" {
		// Once for each conversation, and again when what is suggested is old.
		if !c.notices.due("prompts " + c.room(p.workspace, e.Channel).ID + " " + e.ThreadTS) {
			return ignored("suggested already")
		}
		return reading{then: func(ctx context.Context) { c.suggest(ctx, p.workspace, e.Channel, e.ThreadTS) }}
	}
	return reading{then: func(ctx context.Context) { c.publishHome(ctx, p.workspace, e.Channel, e.User.ID) }}
}

// suggest suggests questions.
func (c *Client) suggest(ctx context.Context, workspace, channel, thread string) {
	var prompts []slackgo.AssistantThreadsPrompt
	for _, a := range c.guide.Prompts(ctx, c.now()) {
		if a.Label != "" && a.Command != "" && len(prompts) < mostPrompts {
			prompts = append(prompts, slackgo.AssistantThreadsPrompt{Title: tidy(a.Label), Message: tidy(a.Command)})
		}
	}
	w, err := c.workspaceFor(ctx, workspace)
	if err != nil || len(prompts) == 0 {
		return
	}
	err = w.api.SetAssistantThreadsSuggestedPromptsContext(ctx, slackgo.AssistantThreadsSetSuggestedPromptsParameters{
		ChannelID: channel, ThreadTS: thread, Prompts: prompts,
	})
	if err != nil {
		c.log.InfoContext(ctx, "slack shows no suggestions", "error", err)
	}
}
