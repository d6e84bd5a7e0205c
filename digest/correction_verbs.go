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
	// Propose keeps a change of one row, an amendment for each field, until another
	// person confirms it.
	Propose(ctx context.Context, change ...bot.Amendment) (int64, error)
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
	// Now tells the time; where it is nil, it is what the message says. Changes hold
	// in the order in which they were confirmed, and the clock of whoever sent the
	// message is not the program's.
	Now func() time.Time
}

func (a Amending) now(m bot.Message) time.Time {
	if a.Now == nil {
		return m.SentAt
	}
	return a.Now()
}

const (
	setExample  = "calendar set gm-dtg-2026 end 2026-12-18 source:https://meetings.unoda.org/meeting/76825"
	moveExample = "calendar set gm-dtg-2026 start 2026-12-14 end 2026-12-18 source:https://meetings.unoda.org/meeting/76825"
)

// Verb returns the verb by which administrators change the calendar, two of them
// for each change.
func (a Amending) Verb() bot.Verb {
	return bot.Verb{
		Name: "calendar", Usage: "calendar ROW | set ROW FIELD VALUE [FIELD VALUE …] source:URL | confirm N | withdraw N | changes",
		Summary:     "a row of the calendar; administrators change one, and a second administrator confirms",
		Administers: true,
		Examples:    []string{"calendar gm-dtg-2026", setExample, moveExample, "calendar confirm 3", "calendar changes"},
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
		return once(a.Book, a.propose)(ctx, m)
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

func (a Amending) propose(ctx context.Context, m bot.Message) (bot.Reply, error) {
	if no := a.refused(m); no != nil {
		return no, nil
	}
	p := proposalOf(m.Text)
	switch {
	case p.row == "" || len(p.settings) == 0:
		return bot.Say("Say which row, which field and what it is now, for example: " + setExample), nil
	case !isPage(p.source):
		return bot.Say("Say which page says so, as in source:https://meetings.unoda.org/meeting/76825; nothing is shown without its source."), nil
	}
	if mistake := p.check(); mistake != nil {
		return bot.Say(sentence(mistake)), nil
	}
	cal := a.Calendar()
	was, known := cal.ShownRow(p.row)
	if !known {
		return bot.Say(fmt.Sprintf("The calendar has no row %s; ask for the session, and the row stands in the answer's data.", quoted(p.row))), nil
	}
	change := p.amendments(person(m), m.SentAt)
	after, mistake := cal.Amended(AmendmentsOf(change, a.now(m))...)
	if mistake != nil {
		return bot.Say(sentence(p.mend(mistake))), nil
	}
	now, _ := after.ShownRow(p.row)
	differences := calendar.Differences(was, now)
	if len(differences) == 0 {
		return bot.Say("That is what the calendar says already: " + was.Label + ": " + was.When() + "."), nil
	}
	id, err := a.Book.Propose(ctx, change...)
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
		bot.Paragraph{Text: "Source: " + p.source + ". Once somebody else confirms it, every post that said otherwise is corrected."},
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
	return calendar.Amendment{Change: a.ID, Row: a.Row, Field: a.Field, Value: a.Value, Source: a.Source, Checked: calendar.FromTime(at.UTC())}
}

// AmendmentsOf is [AmendmentOf] of each field of a change.
func AmendmentsOf(change []bot.Amendment, at time.Time) []calendar.Amendment {
	out := make([]calendar.Amendment, len(change))
	for i, a := range change {
		out[i] = AmendmentOf(a, at)
	}
	return out
}

// waiting finds the change that waits under the number that people typed.
func (a Amending) waiting(ctx context.Context, words []string) ([]bot.Amendment, bot.Reply, error) {
	all, err := a.Book.Amendments(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("calendar: %w", err)
	}
	id := int64(0)
	if len(words) == 1 {
		id = numbered(words[0])
	}
	var open []string
	for _, change := range changesOf(all) {
		if change[0].ConfirmedAt.IsZero() {
			if change[0].ID == id {
				return change, nil, nil
			}
			open = append(open, strconv.FormatInt(change[0].ID, 10))
		}
	}
	if len(open) == 0 {
		return nil, bot.Say("No change waits to be confirmed."), nil
	}
	return nil, bot.Say("Say which change; these wait: " + strings.Join(open, ", ") + "."), nil
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
	first, now := change[0], a.now(m)
	if strings.EqualFold(first.ProposedBy, person(m)) { // nobody is two people by capital letters
		return bot.Say("You proposed this change yourself; another administrator must confirm it."), nil
	}
	after, mistake := a.Calendar().Amended(AmendmentsOf(change, now)...)
	if mistake != nil {
		return bot.Say("It cannot be confirmed any more: " + sentence(mistake)), nil
	}
	if err := a.Book.Confirm(ctx, first.ID, person(m), now); err != nil {
		return nil, fmt.Errorf("calendar confirm: %w", err)
	}
	s, _ := after.ShownRow(first.Row)
	return bot.Reply{
		bot.Fact{ID: s.Row, Text: "Confirmed: " + s.Label + ": " + settingsIn(change) + " from now on", Source: first.Source, Checked: calendar.FromTime(now).ISO()},
		bot.Paragraph{Text: "Proposed by " + first.ProposedBy + ", confirmed by " + person(m) + ". Rooms that were told otherwise are corrected now."},
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
	if err := a.Book.Withdraw(ctx, change[0].ID); err != nil {
		return nil, fmt.Errorf("calendar withdraw: %w", err)
	}
	return bot.Say(fmt.Sprintf("Change %d of %s is withdrawn.", change[0].ID, change[0].Row)), nil
}

func (a Amending) changes(ctx context.Context) (bot.Reply, error) {
	all, err := a.Book.Amendments(ctx)
	if err != nil {
		return nil, fmt.Errorf("calendar changes: %w", err)
	}
	if len(all) == 0 {
		return bot.Say("Nobody has changed the calendar by hand."), nil
	}
	var items []string
	for _, change := range changesOf(all) {
		items = append(items, changeLine(change))
	}
	return bot.Reply{bot.Lead{Text: bot.Count(len(items), "change") + " by hand."}, bot.List{Items: items}}, nil
}
