package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// An invitation that cannot be accepted just now, for instance because the
// room's own homeserver does not answer, is kept and tried again for a day: it
// neither holds up the rooms nor is it forgotten.
const (
	joinLimit      = 20 * time.Second
	joinAgain      = 30 // of the client's base, seconds
	joinAgainLimit = time.Minute
	inviteFor      = 24 * time.Hour
)

// keptInvite is an invitation as it is kept.
type keptInvite struct {
	State []*event.Event `json:"state"`
	Since time.Time      `json:"since"`
}

func (c *Client) inviteSpace() string { return c.space + "/invite" }

// invitation takes in an invitation, or keeps it for later.
func (l *listener) invitation(ctx context.Context, room id.RoomID, state []*event.Event) error {
	err := l.invited(ctx, room, state, joinLimit)
	if err == nil {
		return l.settleInvite(ctx, room)
	}
	var own *receiveError
	if errors.As(err, &own) || isToken(err) || ended(ctx) {
		return err
	}
	data, jsonErr := json.Marshal(keptInvite{state, time.Now()})
	if jsonErr != nil {
		return errors.Join(err, jsonErr)
	}
	l.log.WarnContext(ctx, "matrix invitation kept for later", "room", room.String(), "error", err)
	if err := l.options.Notes.Note(ctx, l.inviteSpace(), room.String(), string(data), time.Now()); err != nil {
		return &receiveError{err}
	}
	l.invites[room] = attempt{next: time.Now().Add(max(joinAgain*l.base, retryAfter(err)))}
	return nil
}

// settleInvite forgets an invitation that was kept.
func (l *listener) settleInvite(ctx context.Context, room id.RoomID) error {
	if _, kept := l.invites[room]; !kept {
		return nil
	}
	if err := l.options.Notes.Unnote(ctx, l.inviteSpace(), room.String()); err != nil {
		return &receiveError{err}
	}
	delete(l.invites, room)
	return nil
}

// loadInvites takes up what an earlier process has kept.
func (l *listener) loadInvites(ctx context.Context) (loaded bool) {
	found, err := l.options.Notes.Notes(ctx, l.inviteSpace(), "")
	if err != nil {
		l.log.WarnContext(ctx, "matrix invitations that were kept cannot be read yet", "error", err)
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for room := range found {
		if _, known := l.invites[id.RoomID(room)]; !known {
			l.invites[id.RoomID(room)] = attempt{next: time.Now()}
		}
	}
	return true
}

// retryInvites tries those of the kept invitations that are due, one after the
// other and beside the sync.
func (l *listener) retryInvites(ctx context.Context) {
	now := time.Now()
	var due []id.RoomID
	for room, at := range l.invites {
		if at.next.After(now) {
			continue
		}
		at.tries++
		at.next = now.Add(joinAgain * l.base << min(at.tries, 5))
		l.invites[room] = at
		due = append(due, room)
	}
	if len(due) == 0 {
		return
	}
	l.errands.run(ctx, time.Duration(len(due))*joinAgainLimit, func(ctx context.Context) {
		for _, room := range due {
			if err := l.retryInvite(ctx, room); err != nil {
				l.log.WarnContext(ctx, "matrix invitation cannot be accepted yet", "room", room.String(), "error", err)
			}
		}
	})
}

func (l *listener) retryInvite(ctx context.Context, room id.RoomID) error {
	found, err := l.options.Notes.Notes(ctx, l.inviteSpace(), room.String())
	if err != nil {
		return err
	}
	var kept keptInvite
	value, there := found[room.String()]
	l.mu.Lock()
	defer l.mu.Unlock()
	if !there || json.Unmarshal([]byte(value), &kept) != nil || time.Since(kept.Since) > inviteFor {
		return l.settleInvite(ctx, room)
	}
	if err := l.invited(ctx, room, kept.State, joinAgainLimit); err != nil {
		return err
	}
	return l.settleInvite(ctx, room)
}

// mostInvitesAtOnce is how many invitations of a batch are answered at the same
// time.
const mostInvitesAtOnce = 8

// answerInvites answers the invitations of a batch. Each waits for somebody else's
// homeserver, perhaps, and the rooms that the bot is in must not wait for the sum.
func (l *listener) answerInvites(invites map[id.RoomID]*mautrix.SyncInvitedRoom, answer func(id.RoomID, *mautrix.SyncInvitedRoom)) {
	l.outside(func() {
		var work sync.WaitGroup
		slots := make(chan struct{}, mostInvitesAtOnce)
		for room, invite := range invites {
			slots <- struct{}{}
			work.Go(func() {
				defer func() { <-slots }()
				l.mu.Lock()
				defer l.mu.Unlock()
				answer(room, invite)
			})
		}
		work.Wait()
	})
}

// outside lets others have the lock, which the caller holds, while f waits for the
// network.
func (l *listener) outside(f func()) {
	l.mu.Unlock()
	defer l.mu.Lock()
	f()
}

// invited joins the room when the inviter may invite and the bot can work there,
// and declines otherwise. An invite may come several times. Nobody but a person
// with an invitation ever brings the bot back into a room it was sent out of.
func (l *listener) invited(ctx context.Context, room id.RoomID, state []*event.Event, limit time.Duration) error {
	inviter, wanted, err := l.wanted(ctx, room, state)
	if !wanted || err != nil {
		return err
	}
	// Counted before, lest several that are accepted at once are more than may be.
	if err := l.count(ctx, room, time.Now()); err != nil {
		return err
	}
	cli, joined := l.cli, false
	l.outside(func() { joined, err = l.join(ctx, cli, room, limit) })
	switch {
	case err != nil:
		return err
	case !joined:
		return l.uncount(ctx, room, time.Now())
	}
	return l.accepted(ctx, room, inviter)
}

// wanted says whether an invitation is to be accepted. Otherwise it declines it.
func (l *listener) wanted(ctx context.Context, room id.RoomID, state []*event.Event) (inviter id.UserID, wanted bool, err error) {
	encrypted, space := false, false
	for _, evt := range state {
		switch {
		case evt.Type.Type == event.StateMember.Type && evt.GetStateKey() == l.user.String() && membership(&evt.Content) == event.MembershipInvite:
			inviter = evt.Sender
		case evt.Type.Type == event.StateEncryption.Type && evt.StateKey != nil:
			encrypted = true
		case evt.Type.Type == event.StateCreate.Type:
			space = evt.Content.Raw["type"] == string(event.RoomTypeSpace)
		}
	}
	free, err := l.mayAccept(ctx, room, time.Now())
	switch {
	case err != nil:
		return inviter, false, err
	case !allowed(l.options.AllowInvites, inviter) || l.ignored[inviter]:
		l.log.InfoContext(ctx, "matrix invite declined: the inviter is not on the list", "room", room.String(), "inviter", inviter.String())
		return inviter, false, l.decline(ctx, room, "I may only be invited by people on my operator's list.")
	case space:
		return inviter, false, l.decline(ctx, room, "I work in rooms, not in spaces. Please invite me to a room.")
	case encrypted && l.box == nil:
		return inviter, false, l.leaveEncrypted(ctx, room)
	case !free:
		l.log.WarnContext(ctx, "matrix invite declined: too many in an hour", "room", room.String(), "inviter", inviter.String())
		return inviter, false, l.decline(ctx, room, "I have accepted as many invitations as I may in one hour. Please invite me again later.")
	}
	if encrypted {
		if err := l.remember(ctx, room); err != nil {
			return inviter, false, &receiveError{err}
		}
	}
	return inviter, true, nil
}

// decline says no to an invitation.
func (l *listener) decline(ctx context.Context, room id.RoomID, reason string) (err error) {
	delete(l.members, room)
	cli := l.cli
	l.outside(func() { err = l.leave(ctx, cli, room, reason) })
	return err
}

// join enters a room; false where that is refused for good.
func (l *listener) join(ctx context.Context, cli *mautrix.Client, room id.RoomID, limit time.Duration) (joined bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, err = cli.JoinRoomByID(ctx, room)
	switch {
	case isFinal(err):
		l.log.WarnContext(ctx, "matrix invite cannot be accepted", "room", room.String(), "error", err)
		return false, nil
	case err != nil:
		return false, fmt.Errorf("join %s: %w", room, err)
	}
	return true, nil
}

// mayAccept says whether the invitation to a room may be accepted this hour,
// whichever process accepted the others.
func (l *listener) mayAccept(ctx context.Context, room id.RoomID, now time.Time) (bool, error) {
	entered, err := l.entered(ctx, now)
	_, known := entered[room]
	return known || len(entered) < l.options.InvitesPerHour, err
}

// entered returns which rooms were entered in the last hour, and when.
func (l *listener) entered(ctx context.Context, now time.Time) (map[id.RoomID]time.Time, error) {
	value, found, err := l.options.State.Get(ctx, l.space, "entered")
	if err != nil {
		return nil, &receiveError{fmt.Errorf("read which rooms were entered: %w", err)}
	}
	entered := map[id.RoomID]time.Time{}
	if found && json.Unmarshal([]byte(value), &entered) != nil {
		entered = map[id.RoomID]time.Time{}
	}
	maps.DeleteFunc(entered, func(_ id.RoomID, at time.Time) bool { return now.Sub(at) > time.Hour })
	return entered, nil
}

// accepted writes down that a person wants the bot in a room.
func (l *listener) accepted(ctx context.Context, room id.RoomID, inviter id.UserID) error {
	if _, entered, err := l.options.State.Get(ctx, l.space, following(room)); err == nil && entered { // now a person wants it there
		if err := l.options.State.Set(ctx, l.space, following(room), ""); err != nil {
			return &receiveError{err}
		}
	}
	l.log.InfoContext(ctx, "matrix room joined", "room", room.String(), "inviter", inviter.String())
	return nil
}

// count counts a room that is entered.
func (l *listener) count(ctx context.Context, room id.RoomID, now time.Time) error {
	entered, err := l.entered(ctx, now)
	if err != nil {
		return err
	}
	entered[room] = now.UTC()
	return l.setEntered(ctx, entered)
}

// uncount takes back that a room was counted which could not be entered.
func (l *listener) uncount(ctx context.Context, room id.RoomID, now time.Time) error {
	entered, err := l.entered(ctx, now)
	if err != nil {
		return err
	}
	delete(entered, room)
	return l.setEntered(ctx, entered)
}

func (l *listener) setEntered(ctx context.Context, entered map[id.RoomID]time.Time) error {
	data, err := json.Marshal(entered)
	if err != nil {
		return fmt.Errorf("keep which rooms were entered: %w", err)
	}
	if err := l.setFenced(ctx, "entered", string(data)); err != nil {
		return &receiveError{fmt.Errorf("keep which rooms were entered: %w", err)}
	}
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
