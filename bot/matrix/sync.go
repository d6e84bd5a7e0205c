package matrix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// listener is one call of Listen. Its methods run one after another.
type listener struct {
	*Client
	in      bot.Receiver
	cli     *mautrix.Client
	started time.Time
	name    string // the bot's display name
	filter  string
	pause   backoff
	members map[id.RoomID]int // joined members, where known
	tries   map[string]int    // failures in a row of one part of a batch
}

var (
	_ mautrix.Syncer    = (*listener)(nil)
	_ mautrix.SyncStore = (*listener)(nil)
)

// sync logs in where needed and syncs until something fails.
func (l *listener) sync(ctx context.Context) error {
	cli, err := l.session(ctx)
	if err != nil {
		return err
	}
	if l.cli != cli {
		if l.started, err = l.firstStart(ctx); err != nil {
			return err
		}
		if l.name, err = l.displayName(ctx, cli); err != nil {
			return l.checked(cli, err)
		}
		cli.Syncer, cli.Store = l, l
		l.cli, l.filter = cli, ""
		l.log.InfoContext(ctx, "matrix session open", "user", cli.UserID.String(), "device", cli.DeviceID.String())
	}
	return l.checked(cli, cli.SyncWithContext(ctx))
}

func (l *listener) displayName(ctx context.Context, cli *mautrix.Client) (string, error) {
	profile, err := cli.GetOwnDisplayName(ctx)
	switch {
	case err == nil:
		return profile.DisplayName, nil
	case errors.Is(err, mautrix.MNotFound) || errors.Is(err, mautrix.MForbidden):
		return "", nil
	}
	return "", fmt.Errorf("read the bot's profile: %w", err)
}

// firstStart returns when the account was first used, which a restart before
// the first commit does not change.
func (l *listener) firstStart(ctx context.Context) (time.Time, error) {
	value, found, err := l.options.State.Get(ctx, l.space, "started")
	if err != nil {
		return time.Time{}, fmt.Errorf("read the first start: %w", err)
	}
	if t, err := time.Parse(time.RFC3339Nano, value); found && err == nil {
		return t, nil
	}
	now := time.Now()
	if err := l.options.State.Set(ctx, l.space, "started", now.Format(time.RFC3339Nano)); err != nil {
		return time.Time{}, fmt.Errorf("keep the first start: %w", err)
	}
	return now, nil
}

// OnFailedSync ends the sync: Listen decides when to try again. It implements
// [mautrix.Syncer].
func (l *listener) OnFailedSync(_ *mautrix.RespSync, err error) (time.Duration, error) {
	return 0, err
}

// GetFilterJSON asks for what rooms hold and nothing else. It implements
// [mautrix.Syncer].
func (l *listener) GetFilterJSON(id.UserID) *mautrix.Filter {
	none := &mautrix.FilterPart{NotTypes: []event.Type{{Type: "*"}}}
	return &mautrix.Filter{
		AccountData: none,
		Presence:    none,
		Room: &mautrix.RoomFilter{
			AccountData: none,
			Ephemeral:   none,
			State:       &mautrix.FilterPart{LazyLoadMembers: true},
			Timeline:    &mautrix.FilterPart{Limit: 50, LazyLoadMembers: true},
		},
	}
}

// SaveFilterID remembers the filter for this session. It implements
// [mautrix.SyncStore].
func (l *listener) SaveFilterID(_ context.Context, _ id.UserID, filter string) error {
	l.filter = filter
	return nil
}

// LoadFilterID implements [mautrix.SyncStore].
func (l *listener) LoadFilterID(context.Context, id.UserID) (string, error) { return l.filter, nil }

// SaveNextBatch does nothing, for mautrix calls it before the batch is
// processed; ProcessResponse saves the token after. It implements
// [mautrix.SyncStore].
func (l *listener) SaveNextBatch(context.Context, id.UserID, string) error { return nil }

// LoadNextBatch returns the token of the last batch that is committed. It
// implements [mautrix.SyncStore].
func (l *listener) LoadNextBatch(ctx context.Context, _ id.UserID) (string, error) {
	token, _, err := l.options.State.Get(ctx, l.space, "since")
	if err != nil {
		return "", fmt.Errorf("read the sync token: %w", err)
	}
	return token, nil
}

// ProcessResponse commits every message of the batch that is for the bot, and
// then the token behind it. After an error the same batch comes again; the
// inbox knows what it has. It implements [mautrix.Syncer].
func (l *listener) ProcessResponse(ctx context.Context, batch *mautrix.RespSync, since string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic in a sync batch: %v\n%s", v, debug.Stack())
		}
	}()
	var failed []error
	note := func(key string, lasting bool, err error) {
		if err = l.patience(ctx, key, lasting, err); err != nil {
			failed = append(failed, err)
		}
	}
	for room, invite := range batch.Rooms.Invite {
		note("invite/"+room.String(), false, l.invited(ctx, room, invite.State.Events))
	}
	for room, joined := range batch.Rooms.Join {
		note("room/"+room.String(), true, l.joined(ctx, room, joined, since == ""))
	}
	for room := range batch.Rooms.Leave {
		delete(l.members, room)
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("process a sync batch: %w", err)
	}
	if err := l.options.State.Set(ctx, l.space, "since", batch.NextBatch); err != nil {
		return fmt.Errorf("keep the sync token: %w", err)
	}
	clear(l.tries)
	l.pause.reset()
	return nil
}

// patience lets one part of a batch fail a few times and then goes on without
// it, so that a single dead room cannot stop the bot. What lasts until it works
// (messages are in it) may only be given up for what the homeserver says about
// that room.
func (l *listener) patience(ctx context.Context, key string, lasting bool, err error) error {
	const enough = 5
	if err == nil || ctx.Err() != nil || (lasting && !isServerAnswer(err)) {
		return err
	}
	if l.tries[key]++; l.tries[key] < enough {
		return err
	}
	l.log.ErrorContext(ctx, "given up on part of a sync batch", "part", key, "error", err)
	return nil
}

// invited joins the room when the inviter may invite and the room is plain, and
// declines otherwise. An invite may come several times.
func (l *listener) invited(ctx context.Context, room id.RoomID, state []*event.Event) error {
	var inviter id.UserID
	encrypted := false
	for _, evt := range state {
		switch {
		case evt.Type.Type == event.StateMember.Type && evt.GetStateKey() == l.user.String() && membership(&evt.Content) == event.MembershipInvite:
			inviter = evt.Sender
		case evt.Type.Type == event.StateEncryption.Type && evt.StateKey != nil:
			encrypted = true
		}
	}
	if !allowed(l.options.AllowInvites, inviter) {
		l.log.InfoContext(ctx, "matrix invite declined: the inviter is not on the list", "room", room.String(), "inviter", inviter.String())
		return l.part(ctx, room, "I may only be invited by people on my operator's list.")
	}
	if encrypted {
		return l.leaveEncrypted(ctx, room)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := l.cli.JoinRoomByID(ctx, room)
	if isFinal(err) {
		l.log.WarnContext(ctx, "matrix invite cannot be accepted", "room", room.String(), "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("join %s: %w", room, err)
	}
	l.log.InfoContext(ctx, "matrix room joined", "room", room.String(), "inviter", inviter.String())
	return nil
}

// allowed says whether the inviter is on the list, as a user or by the server
// of the user ID. A room ID says nothing about servers.
func allowed(list []string, inviter id.UserID) bool {
	_, server, err := inviter.Parse()
	return err == nil && slices.ContainsFunc(list, func(entry string) bool {
		return entry == "*" || entry == inviter.String() || (server != "" && strings.EqualFold(entry, server))
	})
}

// joined takes in one room's part of a batch.
func (l *listener) joined(ctx context.Context, room id.RoomID, part *mautrix.SyncJoinedRoom, first bool) error {
	timeline := part.Timeline.Events
	turnedOn, arrived := false, false
	for _, evt := range slices.Concat(part.State.Events, timeline) {
		switch {
		case evt.StateKey == nil:
		case evt.Type.Type == event.StateEncryption.Type:
			turnedOn = true
		case evt.Type.Type == event.StateMember.Type:
			delete(l.members, room)
			if evt.GetStateKey() == l.user.String() {
				if name, ok := evt.Content.Raw["displayname"].(string); ok && membership(&evt.Content) == event.MembershipJoin {
					l.name = name
				}
			}
		}
	}
	if n := part.Summary.JoinedMemberCount; n != nil {
		l.members[room] = *n
	}
	if at := slices.IndexFunc(timeline, l.isArrival); at >= 0 {
		arrived = !l.old(timeline[at], first)
	}
	if turnedOn {
		return l.leaveEncrypted(ctx, room)
	}
	if arrived {
		if left, err := l.arrive(ctx, room); left || err != nil {
			return err
		}
	}
	messages, last, err := l.heard(ctx, room, part.Timeline, first)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if err := l.in.Receive(ctx, m); err != nil {
			return &receiveError{err}
		}
	}
	if last == "" {
		return nil
	}
	if err := l.options.State.Set(ctx, l.space, "last/"+room.String(), last.String()); err != nil {
		return &receiveError{fmt.Errorf("keep the last event of %s: %w", room, err)}
	}
	return nil
}

// old says whether an event lies before the bot's first start and so is none of
// its business. Only the first batch ever holds such events unasked.
func (l *listener) old(evt *event.Event, first bool) bool {
	return first && time.UnixMilli(evt.Timestamp).Before(l.started)
}

// isArrival says whether the event is the bot's own entry into the room, after
// which it listens.
func (l *listener) isArrival(evt *event.Event) bool {
	return evt.Type.Type == event.StateMember.Type && evt.GetStateKey() == l.user.String() &&
		membership(&evt.Content) == event.MembershipJoin && membership(evt.Unsigned.PrevContent) != event.MembershipJoin
}

// heard returns the messages for the bot in a timeline, oldest first, and the
// timeline's last event. What a limited timeline leaves out is fetched.
func (l *listener) heard(ctx context.Context, room id.RoomID, timeline mautrix.SyncTimeline, first bool) (messages []bot.Message, last id.EventID, err error) {
	events := timeline.Events
	whole := !timeline.Limited || first || timeline.PrevBatch == ""
	for i, evt := range slices.Backward(events) {
		last = cmp.Or(last, evt.ID)
		if l.isArrival(evt) {
			events, whole = events[i+1:], true
			break
		}
	}
	if !whole {
		if messages, err = l.fill(ctx, room, timeline.PrevBatch); err != nil {
			return nil, "", err
		}
	}
	for _, evt := range events {
		if l.old(evt, first) {
			continue
		}
		m, forUs, err := l.read(ctx, room, evt)
		if err != nil {
			return nil, "", err
		}
		if forUs {
			messages = append(messages, m)
		}
	}
	return messages, last, nil
}

// fill reads back from a gap in the timeline to the last event that was seen,
// the bot's arrival or the beginning, and returns the messages for the bot,
// oldest first. It gives up after a thousand events.
func (l *listener) fill(ctx context.Context, room id.RoomID, from string) ([]bot.Message, error) {
	const page, enough = 100, 1000
	last, _, err := l.options.State.Get(ctx, l.space, "last/"+room.String())
	if err != nil {
		return nil, &receiveError{fmt.Errorf("read the last event of %s: %w", room, err)}
	}
	var messages []bot.Message
	defer func() { slices.Reverse(messages) }()
	for seen := 0; seen < enough; {
		back, err := l.cli.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, page)
		if err != nil {
			return nil, fmt.Errorf("fill a gap in %s: %w", room, err)
		}
		for _, evt := range back.Chunk {
			seen++
			if evt.ID.String() == last || l.isArrival(evt) {
				return messages, nil
			}
			m, forUs, err := l.read(ctx, room, evt)
			if err != nil {
				return nil, err
			}
			if forUs {
				messages = append(messages, m)
			}
		}
		if back.End == "" || back.End == from || len(back.Chunk) == 0 {
			return messages, nil
		}
		from = back.End
	}
	l.log.WarnContext(ctx, "gap in a timeline is longer than what is filled", "room", room.String(), "events", enough)
	return messages, nil
}

// read reads one event. An event that makes the reader panic is skipped and
// logged by its ID.
func (l *listener) read(ctx context.Context, room id.RoomID, evt *event.Event) (m bot.Message, forUs bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			l.log.ErrorContext(ctx, "matrix event skipped, reading it panicked", "room", room.String(), "event", evt.ID.String(), "panic", fmt.Sprint(v))
			m, forUs, err = bot.Message{}, false, nil
		}
	}()
	r := reader{self: l.user, name: l.name, prefix: l.options.Prefix}
	return r.read(room, evt, func() (bool, error) { return l.direct(ctx, room) })
}

// direct says whether the bot and one person are alone in the room.
func (l *listener) direct(ctx context.Context, room id.RoomID) (bool, error) {
	n, known := l.members[room]
	if !known {
		members, err := l.cli.JoinedMembers(ctx, room)
		switch {
		case isFinal(err):
			return false, nil // the bot is in the room no more
		case err != nil:
			return false, fmt.Errorf("count the members of %s: %w", room, err)
		}
		n = len(members.Joined)
		l.members[room] = n
	}
	return n == 2, nil
}

// arrive greets a room that the bot has just entered, once in the room's life,
// or leaves it again.
func (l *listener) arrive(ctx context.Context, room id.RoomID) (left bool, err error) {
	secret, err := l.isEncrypted(ctx, l.cli, room)
	switch {
	case isFinal(err):
		return false, nil // out again already
	case err != nil:
		return false, err
	case secret:
		return true, l.leaveEncrypted(ctx, room)
	}
	key := "welcome/" + room.String()
	if _, greeted, err := l.options.State.Get(ctx, l.space, key); err != nil || greeted {
		return false, err
	}
	_, err = l.Post(ctx, bot.Post{
		Room: bot.Room{Platform: l.Name(), ID: room.String()}, Key: key, Purpose: bot.ForNotice, Since: time.Now(),
		Reply: bot.Reply{
			bot.Paragraph{Text: "Hello, I am rapporteur. I brief on the United Nations' work on international information security: statements in their own words, dates and deadlines with their sources."},
			bot.Paragraph{Text: "Mention me, or begin a message with " + l.options.Prefix + ". In a direct room just ask. I answer in threads and post nothing that this room has not ordered."},
			bot.Actions{{Label: "What I can do", Command: "help"}},
		},
	})
	if outcome, _ := bot.OutcomeOf(err); err != nil && outcome != bot.Refused && outcome != bot.Gone {
		return false, fmt.Errorf("greet %s: %w", room, err)
	}
	if err != nil {
		l.log.WarnContext(ctx, "matrix room not greeted", "room", room.String(), "error", err)
	}
	return false, l.options.State.Set(ctx, l.space, key, time.Now().UTC().Format(time.RFC3339))
}

// leaveEncrypted remembers that the room is encrypted and leaves it.
func (l *listener) leaveEncrypted(ctx context.Context, room id.RoomID) error {
	if err := l.remember(ctx, room); err != nil {
		return &receiveError{err}
	}
	l.log.InfoContext(ctx, "matrix room left: it is encrypted", "room", room.String())
	return l.part(ctx, room, "I cannot read or write in encrypted rooms yet. Please invite me to a room without encryption, for instance a new direct chat with encryption switched off.")
}

// part leaves the room or declines the invitation. The reason is part of the
// room's state: everybody in it can read it, encryption or not. It is said by a
// membership event, for not every homeserver (Dendrite) passes on the reason of
// a plain leave, which is for rooms of which ours knows nothing but the invite.
func (l *listener) part(ctx context.Context, room id.RoomID, reason string) error {
	delete(l.members, room)
	_, err := l.cli.SendStateEvent(ctx, room, event.StateMember, l.user.String(), map[string]string{"membership": string(event.MembershipLeave), "reason": reason})
	if isFinal(err) {
		_, err = l.cli.LeaveRoom(ctx, room, &mautrix.ReqLeave{Reason: reason})
	}
	if err != nil && !isFinal(err) {
		return fmt.Errorf("leave %s: %w", room, err)
	}
	return nil
}

// membership reads the membership from the content of an m.room.member event.
func membership(content *event.Content) event.Membership {
	if content == nil {
		return ""
	}
	m, _ := content.Raw["membership"].(string)
	return event.Membership(m)
}

// backoff is how long to wait after failures in a row: from one second,
// doubling, to a minute, and a little more by chance.
type backoff struct{ failures int }

func (b *backoff) next(atLeast time.Duration) time.Duration {
	wait := min(time.Second<<min(b.failures, 6), 48*time.Second)
	b.failures++
	return max(atLeast, wait+rand.N(wait/4)) //nolint:gosec // jitter is no secret
}

func (b *backoff) reset() { b.failures = 0 }
