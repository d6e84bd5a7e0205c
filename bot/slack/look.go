package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

const (
	lookBack  = 5 * time.Minute // before the first attempt: clocks differ, see also skew
	lookPage  = 200
	lookPages = 10
	// lookAgain is how long after a first look in vain the second must be before
	// a doubtful post is made again: what Slack has just taken is not always
	// shown at once. platform-contracts §4.2.
	lookAgain = 30 * time.Second
	// mostWaiting is how many posts wait for their second look in a call of Post.
	// The others come back by themselves.
	mostWaiting = 4
)

// errLeftOut is a post of which nobody can tell whether it went out, and which
// is left out rather than made twice.
var errLeftOut = errors.New("it may be in the room already and the bot may not look there, so it is left out; give the app the history scopes of the manifest, or set it to post again")

// doubts remembers when doubtful posts were first looked for in vain.
type doubts struct {
	waiting chan struct{}

	mu    sync.Mutex
	first map[string]time.Time // by key
}

func newDoubts() *doubts {
	return &doubts{waiting: make(chan struct{}, mostWaiting), first: map[string]time.Time{}}
}

// inVain notes that a post was looked for in vain at a time, and returns the
// first such time.
func (d *doubts) inVain(key string, now time.Time) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	first, known := d.first[key]
	if !known {
		for k, at := range d.first {
			if now.Sub(at) > 24*time.Hour {
				delete(d.first, k)
			}
		}
		first = now
		d.first[key] = now
	}
	return first
}

func (d *doubts) settle(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.first, key)
}

// reconcile looks for the parts of a doubtful post and returns the timestamps of
// those that are in the room. What it has not found in two looks 30 s apart is
// not there. Where it cannot look, the outcome stays unknown: posting again
// would be a guess.
func (c *Client) reconcile(ctx context.Context, w *workspace, channel string, p bot.Post, parts []part) (map[string]sighting, error) {
	found, err := c.lookUp(ctx, w, channel, p, parts)
	if err != nil || len(found) == len(parts) {
		return found, err
	}
	now := c.now()
	wait := lookAgain - now.Sub(c.doubts.inVain(p.Key, now))
	if wait <= 0 {
		c.doubts.settle(p.Key) // what is posted again can be doubted again
		return found, nil
	}
	later := func(why string) error {
		return postError(unknown, wait, fmt.Errorf("looked for it in vain, and will once more in %v: %s", wait.Round(time.Second), why))
	}
	if deadline, limited := ctx.Deadline(); limited && deadline.Sub(now) < wait+time.Second {
		return nil, later("no time left now")
	}
	select {
	case c.doubts.waiting <- struct{}{}:
		defer func() { <-c.doubts.waiting }()
	default:
		return nil, later("others are waiting")
	}
	if err := rest(ctx, c.stop, wait); err != nil {
		return nil, later(err.Error())
	}
	if found, err = c.lookUp(ctx, w, channel, p, parts); err == nil {
		c.doubts.settle(p.Key)
	}
	return found, err
}

// lookUp looks once.
func (c *Client) lookUp(ctx context.Context, w *workspace, channel string, p bot.Post, parts []part) (map[string]sighting, error) {
	self, err := w.identify(ctx)
	if err != nil {
		return nil, postError(unknown, 0, fmt.Errorf("look for an earlier post: %w", err))
	}
	s := search{Client: c, w: w, self: self, channel: channel, since: p.Since, unlikely: p.Unlikely, texts: map[string]string{}, found: map[string]sighting{}}
	for i, part := range parts {
		s.texts[plainly(topText(part.plain, maxText))] = deliveryName(p.Key, i)
	}
	if err := s.scan(ctx, p.Thread); err != nil {
		return nil, err
	}
	first := s.found[deliveryName(p.Key, 0)].ts
	if p.Thread == "" && first != "" && len(parts) > 1 {
		// The further parts are in the thread of the first.
		if err := s.scan(ctx, first); err != nil {
			return nil, err
		}
	}
	mine := map[string]sighting{}
	for i := range parts {
		if seen, is := s.found[deliveryName(p.Key, i)]; is {
			mine[deliveryName(p.Key, i)] = seen
		}
	}
	return mine, nil
}

// search looks through a room for the bot's own deliveries.
type search struct {
	*Client
	w       *workspace
	self    *identity
	channel string
	since   time.Time
	// unlikely is as in [bot.Post.Unlikely].
	unlikely bool
	// texts are what the parts say, for servers that keep no metadata.
	texts map[string]string
	found map[string]sighting
}

// scan reads the room, or a thread of it, since the first attempt, and notes
// which of the bot's own posts carry a delivery.
func (s search) scan(ctx context.Context, thread string) error {
	oldest := ""
	if !s.since.IsZero() {
		since := s.since.Add(min(s.skew.get(), 0) - lookBack)
		oldest = fmt.Sprintf("%d.%06d", since.Unix(), since.Nanosecond()/1000)
	}
	cursor := ""
	for range lookPages {
		messages, next, err := s.page(ctx, thread, oldest, cursor)
		if err != nil {
			return s.blind(ctx, err)
		}
		for _, m := range messages {
			own := m.User == s.self.userID || (s.self.botID != "" && m.BotID == s.self.botID)
			name, _ := m.Metadata.EventPayload["delivery"].(string)
			switch begun := streamOf(m); {
			case own && m.Metadata.EventType == deliveryEvent && name != "":
				s.found[name] = sighting{ts: m.Timestamp}
			case own && begun != "":
				s.found[begun] = sighting{ts: m.Timestamp, open: true}
			case own && m.Metadata.EventType == "" && s.texts[plainly(m.Text)] != "" && inThread(m, thread):
				s.found[s.texts[plainly(m.Text)]] = sighting{ts: m.Timestamp}
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
	return postError(unknown, 0, fmt.Errorf("look for an earlier post: more than %d messages since then", lookPages*lookPage))
}

// inThread says whether a message stands in a thread; in the room itself, where
// there is none.
func inThread(m slackgo.Message, thread string) bool {
	return m.ThreadTimestamp == thread || (thread == "" && m.ThreadTimestamp == m.Timestamp)
}

// plainly is a text as it is compared: without what servers change in it.
func plainly(text string) string { return strings.Join(strings.Fields(unescape(text)), " ") }

// blind says what it means that the room cannot be read. Where that stays so,
// the post is left out, or made again where the options say so.
func (s search) blind(ctx context.Context, err error) error {
	v, after := judge(err, true)
	switch {
	case v == gone:
		return postError(gone, 0, fmt.Errorf("look for an earlier post: %w", err))
	case lacksScope(err), v == refused, v == policy, unsupported(err):
		if s.resend || s.unlikely {
			return nil
		}
		s.notifyIn(ctx, s.w, "left out", "I left a post out, because it may be in the room already and I may not look there: give me the history scopes of the manifest, or set slack.resend_doubtful. ("+err.Error()+")")
		return postError(refused, 0, fmt.Errorf("%w (%w)", errLeftOut, err))
	}
	switch {
	case v == denied:
		s.pace.block(s.w.lane(), deniedPause)
		after = deniedPause
	case after > 0:
		s.pace.block(historyLane, after)
	}
	return postError(unknown, after, fmt.Errorf("look for an earlier post: %w", err))
}

// page reads one page of a room or thread.
func (s search) page(ctx context.Context, thread, oldest, cursor string) ([]slackgo.Message, string, error) {
	for _, lane := range []string{s.w.lane(), historyLane} {
		if err := s.pace.wait(ctx, lane); err != nil {
			return nil, "", err
		}
	}
	if thread != "" {
		messages, _, next, err := s.w.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
			ChannelID: s.channel, Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: lookPage, IncludeAllMetadata: true,
		})
		return messages, next, err
	}
	answer, err := s.w.api.GetConversationHistoryContext(ctx, &slackgo.GetConversationHistoryParameters{
		ChannelID: s.channel, Oldest: oldest, Cursor: cursor, Limit: lookPage, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", err
	}
	if !answer.Ok {
		return nil, "", errors.New("conversations.history: slack answered neither yes nor no")
	}
	return answer.Messages, answer.ResponseMetaData.NextCursor, nil
}
