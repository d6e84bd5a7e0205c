package matrix

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// A bot that was away for long does not answer what nobody waits for any more;
// it says how much that was. Only an absence makes a message old: a clock that
// is wrong somewhere does not.

// stampEvery is how often the time of the last sync is written down.
const stampEvery = 30 * time.Second

// sinceWhen finds out how long the bot was away.
func (l *listener) sinceWhen(ctx context.Context) error {
	value, found, err := l.options.State.Get(ctx, l.space, "synced")
	if err != nil {
		return fmt.Errorf("read when the last sync was: %w", err)
	}
	if at, err := time.Parse(time.RFC3339, value); found && err == nil {
		l.synced = at
	}
	return nil
}

// tooOld says whether a message is not answered, and counts it. It is asked for
// messages that are for the bot.
func (l *listener) tooOld(room id.RoomID, evt *event.Event) bool {
	if l.synced.IsZero() || time.Since(l.synced) < l.options.AnswerWithin {
		return false
	}
	if !time.UnixMilli(evt.Timestamp).Before(l.skew.now().Add(-l.options.AnswerWithin)) {
		return false
	}
	if l.expired == nil {
		l.expired = map[id.RoomID]int{}
	}
	l.expired[room]++
	return true
}

// stamp writes down that the bot is here.
func (l *listener) stamp(ctx context.Context) error {
	now := time.Now()
	if now.Sub(l.synced) < stampEvery && !l.synced.IsZero() {
		return nil
	}
	l.synced = now
	if err := l.setFenced(ctx, "synced", now.UTC().Format(time.RFC3339)); err != nil {
		return fmt.Errorf("keep when the last sync was: %w", err)
	}
	return nil
}

// tellExpired tells the rooms what was not answered, once for each batch.
func (l *listener) tellExpired(ctx context.Context, since string) {
	for room, n := range l.expired {
		l.log.WarnContext(ctx, "matrix messages expired while the bot was away", "room", room.String(), "messages", n)
		l.notify(ctx, bot.Post{
			Room: bot.Room{ID: room.String()}, Key: "expired/" + room.String() + "/" + since, Since: time.Now(),
			Reply: bot.Say(fmt.Sprintf("I was away for a while. %s for me came more than %s ago, and I have not answered: please ask again what still matters.",
				bot.Count(n, "message"), l.options.AnswerWithin)),
		})
	}
	l.expired = nil
}
