package slack

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// person is what the bot knows of somebody: never more than it needs.
type person struct {
	name, zone, language string
	// outsider is set for guests and people of other organisations.
	outsider bool
	read     time.Time
}

const (
	// personAge is how long what is known of a person is used.
	personAge  = 6 * time.Hour
	mostPeople = 10_000
	// sharedAge is how long what is known of a channel is used: it may be shared
	// from one moment to the next.
	sharedAge = 5 * time.Minute
	// askLimit bounds asking for things that an answer can do without.
	askLimit = 8 * time.Second
)

// people remembers persons and rooms, in memory.
type people struct {
	mu     sync.Mutex
	known  map[string]person
	shared map[string]sharedRoom
}

// sharedRoom is whether a room is shared with another organisation.
type sharedRoom struct {
	yes  bool
	read time.Time
}

func newPeople() *people { return &people{known: map[string]person{}, shared: map[string]sharedRoom{}} }

// about returns what is known of a person, asking Slack where that is nothing, or
// old. Of whom nothing can be found out is taken for an outsider.
func (p *people) about(ctx context.Context, c *Client, workspace, id string) person {
	key, now := workspace+" "+id, c.now()
	p.mu.Lock()
	found, known := p.known[key]
	p.mu.Unlock()
	if known && now.Sub(found.read) < personAge {
		return found
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	w, err := c.workspaceFor(ctx, workspace)
	var u *slackgo.User
	if err == nil {
		if _, err := w.identify(ctx); err != nil { // whose people are not ours is told by that
			c.log.InfoContext(ctx, "slack does not say who the bot is", "error", err)
		}
		u, err = asked(ctx, c, w.lane()+" users", func() (*slackgo.User, error) { return w.api.GetUserInfoContext(ctx, id) })
	}
	switch {
	case err == nil:
		return p.learn(workspace, u, w.self.Load(), now)
	case lacksScope(err) || unsupported(err): // nobody's guests can be told from members there
		u = &slackgo.User{ID: id}
		return p.learn(workspace, u, nil, now)
	case known:
		c.log.InfoContext(ctx, "slack does not say who a person is, what was known is used", "error", err)
		return found
	}
	c.log.WarnContext(ctx, "slack does not say who a person is, who is taken for a guest", "error", err)
	return person{outsider: true}
}

// foreign says whether a person belongs to another organisation than the bot's
// workspace, as far as both are known. Workspaces of one organisation are not
// foreign to each other.
func foreign(u *slackgo.User, home *identity) bool {
	if home == nil || (home.enterpriseID != "" && u.Enterprise.EnterpriseID == home.enterpriseID) {
		return false
	}
	return home.teamID != "" && u.TeamID != "" && u.TeamID != home.teamID
}

// learn remembers a person; home is who the bot is in the workspace, nil where that
// is not known.
func (p *people) learn(workspace string, u *slackgo.User, home *identity, now time.Time) person {
	who := person{
		name: either(u.RealName, u.Name), zone: u.TZ, language: u.Locale, read: now,
		outsider: u.IsRestricted || u.IsUltraRestricted || u.IsStranger || foreign(u, home),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= mostPeople {
		clear(p.known) // they are asked for again
	}
	p.known[workspace+" "+u.ID] = who
	return who
}

// readUser reads that somebody has changed, perhaps in language or zone.
func (c *Client) readUser(p eventPayload) reading {
	u := p.Event.User.about
	if u == nil {
		return ignored("a change of nobody")
	}
	return reading{work: func(context.Context) error {
		c.people.mu.Lock()
		key := p.workspace + " " + u.ID
		old, known := c.people.known[key]
		c.people.mu.Unlock()
		if !known {
			return nil // who never spoke to the bot is none of its business
		}
		if u.Locale == "" {
			u.Locale = old.language
		}
		c.people.learn(p.workspace, u, c.homeOf(p.workspace), c.now())
		return nil
	}}
}

// Complete adds what can be found out about a message: the words that it doubts,
// the language and zone of its sender, and whether it may be answered from public
// documents alone. It implements [bot.Completer].
func (c *Client) Complete(ctx context.Context, m bot.Message) bot.Message {
	w, channel, err := c.place(ctx, m.Room)
	if err != nil {
		return m
	}
	workspace := c.keyOf(m.Room)
	if m.Sender != "" {
		who := c.people.about(ctx, c, workspace, m.Sender)
		m.Language, m.Zone, m.Public = who.language, who.zone, who.outsider || c.sharedOut(ctx, w, channel)
	}
	if m.Quoted == "" && m.Return == "" && m.Thread != "" && m.Thread != m.ID && doubting(m.Text) {
		m.Quoted = c.parent(ctx, w, channel, m.Thread)
	}
	return m
}

// asked asks Slack for something that an answer rests on: where Slack has no time,
// once more when it has, as long as ctx lasts.
func asked[T any](ctx context.Context, c *Client, lane string, ask func() (*T, error)) (*T, error) {
	for {
		if err := c.pace.turn(ctx, lane, 0, 0); err != nil {
			return nil, err
		}
		answer, err := ask()
		if err == nil {
			return answer, nil
		}
		v, after := judge(err, true)
		if v != notSent {
			return nil, err
		}
		c.pace.block(lane, max(after, time.Second))
	}
}

// IsPublic says whether people of other organisations are in a room, so that it may
// be told of public documents alone.
func (c *Client) IsPublic(ctx context.Context, room bot.Room) bool {
	w, channel, err := c.place(ctx, room)
	return err != nil || c.sharedOut(ctx, w, channel)
}

// sharedOut says whether a room is shared with another organisation.
func (c *Client) sharedOut(ctx context.Context, w *workspace, channel string) bool {
	if !strings.HasPrefix(channel, "C") && !strings.HasPrefix(channel, "G") {
		return false
	}
	key, now := w.team()+" "+channel, c.now()
	c.people.mu.Lock()
	known, is := c.people.shared[key]
	c.people.mu.Unlock()
	if is && now.Sub(known.read) < sharedAge {
		return known.yes
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	room, err := asked(ctx, c, w.lane()+" rooms", func() (*slackgo.Channel, error) {
		return w.api.GetConversationInfoContext(ctx, &slackgo.GetConversationInfoInput{ChannelID: channel})
	})
	switch {
	case unsupported(err):
		room = &slackgo.Channel{} // a server that shares no channels
	case lacksScope(err):
		if c.notices.due("shared") {
			c.log.WarnContext(ctx, "slack does not let the bot see whether channels are shared, which are all answered from public documents alone: it lacks the scopes channels:read and groups:read", "error", err)
		}
		return true
	case err != nil:
		c.log.WarnContext(ctx, "slack does not say whether a channel is shared, it is taken for shared", "error", err)
		return true
	}
	c.people.mu.Lock()
	defer c.people.mu.Unlock()
	if len(c.people.shared) >= mostPeople {
		clear(c.people.shared)
	}
	c.people.shared[key] = sharedRoom{room.IsExtShared, now}
	return room.IsExtShared
}

// doubtWords are among the words of everybody who doubts a message. What exactly
// is a doubt, the handler says: here it is decided whether to read the message
// that may be meant.
var doubtWords = regexp.MustCompile(`(?i)\b(?:verify|check|confirm|say|said|says|state[ds]?|stated|wrote|written|claim(?:ed)?|quote[ds]?|quotation|true|false|right|correct|accurate|exact|genuine|real|really|verbatim|source|from|that|this)\b`)

// mostDoubtWords is how many words a doubt has at most.
const mostDoubtWords = 14

// doubting says whether a text may be a doubt about the message it follows.
func doubting(text string) bool {
	words := strings.Fields(text)
	return len(words) == 0 || (len(words) <= mostDoubtWords && doubtWords.MatchString(text))
}

// parent returns the text of the message that a thread began with; empty where it
// is the bot's own, or cannot be read.
func (c *Client) parent(ctx context.Context, w *workspace, channel, thread string) string {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	for _, lane := range []string{w.lane(), historyLane} {
		if err := c.pace.wait(ctx, lane); err != nil {
			return ""
		}
	}
	self, err := w.identify(ctx)
	if err != nil {
		return ""
	}
	messages, _, _, err := w.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
		ChannelID: channel, Timestamp: thread, Limit: 1, Inclusive: true, Latest: thread,
	})
	if err != nil || len(messages) == 0 || messages[0].Timestamp != thread {
		c.log.InfoContext(ctx, "the message that a doubt is about cannot be read", "error", err)
		return ""
	}
	m := messages[0]
	if m.User == self.userID || (self.botID != "" && m.BotID == self.botID) {
		return ""
	}
	return unescape(withoutMention(m.Text, self.userID))
}
