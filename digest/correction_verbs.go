package digest

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
)

// AmendmentBook keeps changes that people make to the calendar by hand.
type AmendmentBook interface {
	Once
	// Propose keeps a change until another person confirms it.
	Propose(ctx context.Context, a bot.Amendment) (int64, error)
	// Confirm makes a change hold, unless by is who proposed it.
	Confirm(ctx context.Context, id int64, by string, now time.Time) error
	// Withdraw drops a change that waits.
	Withdraw(ctx context.Context, id int64) error
	// Amendments returns all of them, those that wait last.
	Amendments(ctx context.Context) ([]bot.Amendment, error)
}

// Amending is what the verb calendar needs.
type Amending struct {
	// Book keeps the changes.
	Book AmendmentBook
	// Calendar returns the calendar as it is now.
	Calendar func() *calendar.Calendar
	// Administrator says who may change it, by platform and person.
	Administrator func(platform, person string) bool
	// Changed, where it is set, is called when a change has been confirmed, so
	// that it holds at once and not only at the next look.
	Changed func(ctx context.Context) error
}

const setExample = "calendar set gm-dtg-2026 end 2026-12-18 source:https://meetings.unoda.org/meeting/76825"

// Verb returns the verb by which administrators change the calendar, two of them
// for each change.
func (a Amending) Verb() bot.Verb {
	return bot.Verb{
		Name: "calendar", Usage: "calendar ROW | set ROW FIELD VALUE source:URL | confirm N | withdraw N | changes",
		Summary:     "a row of the calendar; administrators change one, and a second administrator confirms",
		Administers: true,
		Examples:    []string{"calendar gm-dtg-2026", setExample, "calendar confirm 3", "calendar changes"},
		Handler:     bot.HandlerFunc(a.answer),
	}
}

func (a Amending) answer(ctx context.Context, m bot.Message) (bot.Reply, error) {
	words := strings.Fields(m.Text)
	if len(words) == 0 {
		return bot.Say("Name a row of the calendar, for example calendar gm-dtg-2026; the rows stand in the facts of an answer."), nil
	}
	switch strings.ToLower(words[0]) {
	case "set":
		return a.once(a.propose, words[1:])(ctx, m)
	case "confirm":
		return a.confirm(ctx, m, words[1:])
	case "withdraw":
		return a.once(a.withdraw, words[1:])(ctx, m)
	case "changes":
		return a.changes(ctx)
	}
	return a.show(words[0]), nil
}

// once carries out once what somebody says with these words.
func (a Amending) once(answer func(ctx context.Context, m bot.Message, words []string) (bot.Reply, error), words []string) bot.HandlerFunc {
	return once(a.Book, func(ctx context.Context, m bot.Message) (bot.Reply, error) { return answer(ctx, m, words) })
}

func (a Amending) show(id string) bot.Reply {
	s, known := a.Calendar().ShownRow(id)
	if !known {
		return bot.Say(fmt.Sprintf("The calendar has no row %s.", quoted(id)))
	}
	parts := slices.DeleteFunc([]string{s.When(), s.Place(), s.Status()}, func(part string) bool { return part == "" })
	return bot.Reply{
		bot.Fact{ID: s.Row, Text: s.Label + ": " + strings.Join(parts, ", "), Source: s.Source, Checked: s.Checked, Version: s.Version()},
		bot.Paragraph{Text: "Row " + s.Row + ", a " + s.Kind + ", version " + s.Version() + "."},
	}
}

// person names who speaks, on whatever platform.
func person(m bot.Message) string { return m.Room.Platform + ":" + m.Sender }

func (a Amending) refused(m bot.Message) bot.Reply {
	if a.Administrator != nil && a.Administrator(m.Room.Platform, m.Sender) {
		return nil
	}
	return bot.Say("Only an administrator may change the calendar; you are " + person(m) + ", and the setting administrators does not list you.")
}

func (a Amending) propose(ctx context.Context, m bot.Message, words []string) (bot.Reply, error) {
	if no := a.refused(m); no != nil {
		return no, nil
	}
	source := ""
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		at, is := strings.CutPrefix(w, "source:")
		if is {
			source = at
		}
		return is
	})
	if len(words) < 3 {
		return bot.Say("Say which row, which field and what it is now, for example: " + setExample), nil
	}
	if !isPage(source) {
		return bot.Say("Say which page says so, as in source:https://meetings.unoda.org/meeting/76825; nothing is shown without its source."), nil
	}
	change := bot.Amendment{
		Row: words[0], Field: strings.ToLower(words[1]), Value: strings.Join(words[2:], " "), Source: source,
		ProposedBy: person(m), ProposedAt: m.SentAt,
	}
	if change.Value == "none" {
		change.Value = ""
	}
	cal := a.Calendar()
	was, known := cal.ShownRow(change.Row)
	if !known {
		return bot.Say(fmt.Sprintf("The calendar has no row %s; ask for the session, and the row stands in the answer's data.", quoted(change.Row))), nil
	}
	after, mistake := cal.Amended(AmendmentOf(change, m.SentAt))
	if mistake != nil {
		return bot.Say(sentence(mistake)), nil
	}
	now, _ := after.ShownRow(change.Row)
	differences := calendar.Differences(was, now)
	if len(differences) == 0 {
		return bot.Say("That is what the calendar says already: " + was.Label + ": " + was.When() + "."), nil
	}
	id, err := a.Book.Propose(ctx, change)
	if err != nil {
		return nil, fmt.Errorf("calendar set: %w", err)
	}
	var items []string
	for _, d := range differences {
		items = append(items, d.Field+": was "+d.Was+", would be "+d.Now)
	}
	number := strconv.FormatInt(id, 10)
	return bot.Reply{
		bot.Lead{Text: "Change " + number + " of " + was.Label + " waits for a second administrator."},
		bot.List{Items: items},
		bot.Paragraph{Text: "Source: " + source + ". Once somebody else confirms it, every post that said otherwise is corrected."},
		bot.Actions{{Label: "Confirm", Command: "calendar confirm " + number}, {Label: "Withdraw", Command: "calendar withdraw " + number}},
	}, nil
}

// isPage says whether a text is the address of a page.
func isPage(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// AmendmentOf is the change as the calendar takes it: read on the day of its
// confirmation, or on the given one where it still waits.
func AmendmentOf(a bot.Amendment, at time.Time) calendar.Amendment {
	if !a.ConfirmedAt.IsZero() {
		at = a.ConfirmedAt
	}
	return calendar.Amendment{Row: a.Row, Field: a.Field, Value: a.Value, Source: a.Source, Checked: calendar.FromTime(at.UTC())}
}

// waiting finds the change that waits under the number that people typed.
func (a Amending) waiting(ctx context.Context, words []string) (bot.Amendment, bot.Reply, error) {
	all, err := a.Book.Amendments(ctx)
	if err != nil {
		return bot.Amendment{}, nil, fmt.Errorf("calendar: %w", err)
	}
	id := int64(0)
	if len(words) == 1 {
		id = numbered(words[0])
	}
	var open []string
	for _, change := range all {
		if change.ConfirmedAt.IsZero() {
			if change.ID == id {
				return change, nil, nil
			}
			open = append(open, strconv.FormatInt(change.ID, 10))
		}
	}
	if len(open) == 0 {
		return bot.Amendment{}, bot.Say("No change waits to be confirmed."), nil
	}
	return bot.Amendment{}, bot.Say("Say which change; these wait: " + strings.Join(open, ", ") + "."), nil
}

// confirm lets a change hold and then shows the row as it is by then. The calendar is
// read anew once the confirmation is kept, not before.
func (a Amending) confirm(ctx context.Context, m bot.Message, words []string) (bot.Reply, error) {
	reply, err := a.once(a.hold, words)(ctx, m)
	if err != nil || len(reply.Facts()) == 0 { // nothing is confirmed
		return reply, err
	}
	if a.Changed != nil {
		if err := a.Changed(ctx); err != nil {
			return nil, fmt.Errorf("calendar confirm: %w", err)
		}
	}
	return VersionsOf(a.Calendar()).Mark(reply), nil
}

// hold keeps a confirmation. The fact in its reply is the row, without a version.
func (a Amending) hold(ctx context.Context, m bot.Message, words []string) (bot.Reply, error) {
	if no := a.refused(m); no != nil {
		return no, nil
	}
	change, problem, err := a.waiting(ctx, words)
	if err != nil || problem != nil {
		return problem, err
	}
	if change.ProposedBy == person(m) {
		return bot.Say("You proposed this change yourself; another administrator must confirm it."), nil
	}
	after, mistake := a.Calendar().Amended(AmendmentOf(change, m.SentAt))
	if mistake != nil {
		return bot.Say("It cannot be confirmed any more: " + sentence(mistake)), nil
	}
	if err := a.Book.Confirm(ctx, change.ID, person(m), m.SentAt); err != nil {
		return nil, fmt.Errorf("calendar confirm: %w", err)
	}
	s, _ := after.ShownRow(change.Row)
	return bot.Reply{
		bot.Fact{ID: s.Row, Text: "Confirmed: " + s.Label + ": " + change.Field + " is " + orNone(change.Value) + " from now on", Source: change.Source, Checked: calendar.FromTime(m.SentAt).ISO()},
		bot.Paragraph{Text: "Proposed by " + change.ProposedBy + ", confirmed by " + person(m) + ". Rooms that were told otherwise are corrected now."},
	}, nil
}

func orNone(value string) string {
	if value == "" {
		return "not known"
	}
	return value
}

func (a Amending) withdraw(ctx context.Context, m bot.Message, words []string) (bot.Reply, error) {
	if no := a.refused(m); no != nil {
		return no, nil
	}
	change, problem, err := a.waiting(ctx, words)
	if err != nil || problem != nil {
		return problem, err
	}
	if err := a.Book.Withdraw(ctx, change.ID); err != nil {
		return nil, fmt.Errorf("calendar withdraw: %w", err)
	}
	return bot.Say(fmt.Sprintf("Change %d of %s is withdrawn.", change.ID, change.Row)), nil
}

func (a Amending) changes(ctx context.Context) (bot.Reply, error) {
	all, err := a.Book.Amendments(ctx)
	if err != nil {
		return nil, fmt.Errorf("calendar changes: %w", err)
	}
	if len(all) == 0 {
		return bot.Say("Nobody has changed the calendar by hand."), nil
	}
	items := make([]string, len(all))
	for i, change := range all {
		items[i] = ChangeLine(change)
	}
	return bot.Reply{bot.Lead{Text: bot.Count(len(all), "change") + " by hand."}, bot.List{Items: items}}, nil
}

// ChangeLine says in one line what somebody changed by hand.
func ChangeLine(a bot.Amendment) string {
	line := fmt.Sprintf("%d: %s %s is %s (%s), proposed by %s on %s", a.ID, a.Row, a.Field, orNone(a.Value), a.Source, a.ProposedBy, calendar.FromTime(a.ProposedAt))
	if a.ConfirmedAt.IsZero() {
		return line + ", waits to be confirmed"
	}
	return line + ", confirmed by " + a.ConfirmedBy + " on " + calendar.FromTime(a.ConfirmedAt).String()
}
