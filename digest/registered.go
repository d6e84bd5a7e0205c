package digest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// Registry tells the sessions that the replicas have registered: those of the latest
// calendar that any of them has read, with the changes by hand.
type Registry interface {
	// Registered returns them. It returns [ErrOlderCalendar] where a process is
	// another one there than is known here, so that nobody here can say which
	// sessions belong to what is asked for.
	Registered(ctx context.Context) (Sessions, error)
}

// ErrOlderCalendar is why a replica does not move editions: another one knows a later
// calendar.
var ErrOlderCalendar = errors.New("another replica knows a later calendar")

// Registered implements [Registry].
func (c *Corrector) Registered(ctx context.Context) (Sessions, error) {
	k := c.known.Load()
	if k == nil {
		return nil, errors.New("no calendar is known yet")
	}
	states, err := c.Archive.RowStates(ctx)
	if err != nil {
		return nil, fmt.Errorf("registered sessions: %w", err)
	}
	return k.registered(states)
}

// registered returns the sessions of registered rows.
func (k *knowledge) registered(states map[string]bot.RowState) (Sessions, error) {
	var sessions []calendar.Session
	for id, state := range states {
		shown := shownIn(state.Shown)
		switch {
		case state.Gone:
		case shown.Row == "": // it cannot be read; the calendar here knows it, or nobody
			if s, is := k.calendar.Session(id); is {
				sessions = append(sessions, s)
			}
		case shown.Kind == "process":
			if here, known := k.rows[id]; !known || here.Version() != state.Version {
				return nil, fmt.Errorf("process %s: %w", id, ErrOlderCalendar)
			}
		default:
			if s, is := k.calendar.AsShown(shown); is {
				s.Process = shown.Process
				sessions = append(sessions, s)
			}
		}
	}
	return sessionsIn(k.calendar, sessions), nil
}

// ask asks which sessions are registered. Until it succeeds again, those that it was
// told last count.
func (c *Courier) ask(ctx context.Context) error {
	if c.Registry == nil {
		return nil
	}
	sessions, err := c.Registry.Registered(ctx)
	if err != nil {
		return err
	}
	c.registered.Store(&sessions)
	return nil
}

// askFor asks where one of the subscriptions follows sessions. Where the calendar here
// is an older one, an edition that is due goes out all the same: a replica that knows
// better moves the next one.
func (c *Courier) askFor(ctx context.Context, due []bot.Subscription) error {
	if !slices.ContainsFunc(due, func(sub bot.Subscription) bool { return followsSessions(sub.Cron) }) {
		return nil
	}
	err := c.ask(ctx)
	if err == nil || errors.Is(err, ErrOlderCalendar) {
		return nil
	}
	if ctx.Err() == nil {
		c.Log.ErrorContext(ctx, "ask which sessions are registered", "error", err)
	}
	return err
}

// sessions are those that schedules follow: the registered ones, or those of the
// courier's own calendar where it knows no others.
func (c *Courier) sessions() Sessions {
	if s := c.registered.Load(); s != nil {
		return *s
	}
	return c.Sessions
}
