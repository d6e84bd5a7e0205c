package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// mendAll tries the kept events and invitations again until ctx ends.
func (l *listener) mendAll(ctx context.Context) {
	tick := time.NewTicker(l.base)
	defer tick.Stop()
	for loaded := false; ; {
		if !loaded {
			loaded = l.loadHeld(ctx) && l.loadInvites(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		l.mu.Lock()
		if l.box != nil && l.holds() {
			l.mend(ctx, false)
		}
		if l.cli != nil && l.holds() {
			l.retryInvites(ctx)
		}
		l.mu.Unlock()
	}
}

// loadHeld takes up what an earlier process has kept.
func (l *listener) loadHeld(ctx context.Context) (loaded bool) {
	found, err := l.options.Notes.Notes(ctx, l.heldSpace(), "")
	if err != nil {
		l.log.WarnContext(ctx, "matrix events that wait for their keys cannot be read yet", "error", err)
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for name := range found {
		if _, known := l.waiting[name]; !known {
			l.waiting[name] = attempt{next: time.Now()}
		}
	}
	return true
}

// mend tries those of the kept events that are due; all of them where keys have
// come. Each failure doubles how long the next attempt waits.
func (l *listener) mend(ctx context.Context, keys bool) {
	now := time.Now()
	due := slices.DeleteFunc(slices.Collect(maps.Keys(l.waiting)), func(name string) bool { return !keys && l.waiting[name].next.After(now) })
	slices.SortFunc(due, func(a, b string) int { return l.waiting[a].next.Compare(l.waiting[b].next) })
	for _, name := range due[:min(len(due), mendAtOnce)] {
		at := l.waiting[name]
		at.tries++
		at.next = now.Add(l.base << min(at.tries, 3))
		l.waiting[name] = at
		if err := l.again(ctx, name); err != nil && !ended(ctx) {
			l.log.WarnContext(ctx, "matrix event that waits for its key", "error", err)
		}
	}
}

// again tries one kept event. One that makes the reader panic is put aside.
func (l *listener) again(ctx context.Context, name string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			l.log.ErrorContext(ctx, "matrix event put aside, reading it panicked", "event", name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			if err = l.dead(ctx, name, v); err == nil {
				err = l.release(ctx, name)
			}
		}
	}()
	found, err := l.options.Notes.Notes(ctx, l.heldSpace(), name)
	if err != nil {
		return &receiveError{err}
	}
	var held heldEvent
	var evt event.Event
	if json.Unmarshal([]byte(found[name]), &held) != nil || json.Unmarshal(held.Event, &evt) != nil {
		return l.release(ctx, name)
	}
	clear, err := l.decrypted(ctx, &evt)
	if err == nil {
		if err := l.opened(ctx, clear); err != nil && !l.given(ctx, evt.RoomID, evt.ID, err) {
			return err
		}
		l.unread.add(1, 0)
		return l.release(ctx, name)
	}
	switch age := time.Since(held.Since); {
	case age >= giveUpAfter*l.base:
		l.log.WarnContext(ctx, "matrix event cannot be decrypted", "room", evt.RoomID.String(), "event", evt.ID.String(), "error", err)
		l.unread.add(0, 1)
		delete(l.waiting, name) // after a restart the sender is told, where that was cut off
		return l.tellUnread(ctx, &evt, name)
	case age >= askAfter*l.base && !held.Asked && l.mayAsk(time.Now()):
		held.Asked = true
		l.ask(ctx, &evt)
		return l.keepHeld(ctx, evt.RoomID, evt.ID, held)
	}
	return nil
}

// mayAsk says whether one more key may be asked for in this minute.
func (l *listener) mayAsk(now time.Time) bool {
	l.asks = slices.DeleteFunc(l.asks, func(t time.Time) bool { return now.Sub(t) > time.Minute })
	if len(l.asks) >= mostAsks {
		return false
	}
	l.asks = append(l.asks, now)
	return true
}

// ask asks the sender's device for the key of an event, beside all else.
func (l *listener) ask(ctx context.Context, evt *event.Event) {
	box := l.box
	l.errands.run(ctx, askLimit, func(ctx context.Context) {
		if err := box.request(ctx, evt); err != nil {
			l.log.WarnContext(ctx, "matrix key not asked for", "room", evt.RoomID.String(), "error", err)
		}
	})
}

func (l *listener) release(ctx context.Context, name string) error {
	if err := l.options.Notes.Unnote(ctx, l.heldSpace(), name); err != nil {
		return &receiveError{err}
	}
	delete(l.waiting, name)
	return nil
}

// tellUnread says, once a day to each person in each room, that a message could
// not be read, and forgets the note of that name then.
func (l *listener) tellUnread(ctx context.Context, evt *event.Event, note string) error {
	key, today := "unread/"+evt.RoomID.String()+"/"+evt.Sender.String(), time.Now().UTC()
	told, _, err := l.options.State.Get(ctx, l.space, key)
	if err != nil {
		return &receiveError{err}
	}
	forget := func(ctx context.Context) error {
		if note == "" {
			return nil
		}
		return l.options.Notes.Unnote(ctx, l.heldSpace(), note)
	}
	if at, err := time.Parse(time.RFC3339, told); err == nil && today.Sub(at) < 24*time.Hour {
		return forget(ctx)
	}
	if _, busy := l.telling.LoadOrStore(key, true); busy {
		return forget(ctx)
	}
	root, about := evt.ID, ""
	if relation, ok := evt.Content.Raw["m.relates_to"].(map[string]any); ok && relation["rel_type"] == "m.thread" {
		if thread, ok := relation["event_id"].(string); ok && thread != "" {
			root = id.EventID(thread)
		}
	}
	if root == evt.ID {
		switch off, err := l.threadsOff(ctx, evt.RoomID); {
		case err != nil:
			l.telling.Delete(key)
			return err
		case off:
			root, about = "", aboutReturn+evt.ID.String()
		}
	}
	l.notifyThen(ctx, bot.Post{
		// One name for the day: a repetition after a crash is the same post.
		Room: bot.Room{ID: evt.RoomID.String()}, Thread: root.String(), Return: about, Key: key + "/" + today.Format(time.DateOnly), Since: time.Now(),
		Reply: bot.Say("I cannot read this message: its key did not reach me. Please send it again; if that does not help, log your client out and in. I say this once a day."),
	}, func(ctx context.Context, settled bool) {
		defer l.telling.Delete(key)
		if !settled {
			return // it is told at the next occasion
		}
		err := l.options.State.Set(ctx, l.space, key, today.Format(time.RFC3339))
		if err == nil {
			err = forget(ctx)
		}
		if err != nil {
			l.log.WarnContext(ctx, "matrix sender was told that a message cannot be read, which is not written down", "room", evt.RoomID.String(), "error", err)
		}
	})
	return nil
}
