package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/handlers"
	"rapporteur/store"
)

type icsCmd struct {
	Process []string `arg:"" optional:"" help:"A process; all where none is named."`
}

// Run prints a calendar file, to be redirected into one.
func (c *icsCmd) Run(ctx context.Context, p *program) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	k, err := p.knowAloud(settings)
	if err != nil {
		return err
	}
	hand, err := p.byHand(ctx, settings)
	if err != nil {
		return err
	}
	cal, confirmed := p.amended(k.calendar, hand.Amendments)
	defer lean(k.corpus)()
	desk, err := handlers.New(k.corpus, cal, settings.Stale())
	if err != nil {
		return err
	}
	revisions := digest.RevisionsOf(hand.Rows, cal, confirmed)
	verb := desk.ICS(func(context.Context) (map[string]calendar.Revision, error) { return revisions, nil }, nil)
	reply, err := verb.Handler.Answer(ctx, bot.Message{
		ID: "cli", Room: bot.Room{Platform: "cli", ID: "local"}, Sender: "you", Text: strings.Join(c.Process, " "), SentAt: p.at,
	})
	if err != nil {
		return err
	}
	if files := reply.Files(); len(files) == 1 && !p.cli.JSON {
		_, err := p.env.out.Write(files[0].Data)
		return err
	}
	return p.print(reply, "ics")
}

type calendarCmd struct {
	Set     calendarSetCmd     `cmd:"" help:"Propose a change of one or several fields of a row; another administrator confirms it."`
	Confirm calendarConfirmCmd `cmd:"" help:"Confirm the change of that number."`
	Changes calendarChangesCmd `cmd:"" help:"List the changes made by hand."`
	Diff    calendarDiffCmd    `cmd:"" help:"What the calendar says otherwise than rooms were told."`
}

type calendarSetCmd struct {
	Row    string   `arg:"" help:"The row, such as gm-dtg-2026."`
	Change []string `arg:"" name:"field-value" help:"Fields and what they are now, in pairs, such as start 2026-12-14 end 2026-12-18. Fields: start, end, city, venue and status; date of a milestone. Value none for not known."`
	Source string   `help:"The address of the page that says so; needed." placeholder:"URL"`
	By     string   `required:"" help:"Who proposes it." placeholder:"NAME"`
}

// Run takes the source as people write it in a room too: source:URL.
func (c *calendarSetCmd) Run(ctx context.Context, p *program) error {
	words := []string{"set", c.Row}
	for _, word := range c.Change {
		if page, is := strings.CutPrefix(word, "source:"); is {
			c.Source = page
			continue
		}
		if strings.ContainsFunc(word, unicode.IsSpace) && !strings.Contains(word, `"`) {
			word = `"` + word + `"`
		}
		words = append(words, word)
	}
	if len(words)%2 != 0 {
		return &usageError{"calendar set: after the row come pairs of a field and its value, as in start 2026-12-14 end 2026-12-18; a value of several words stands in quotation marks"}
	}
	if c.Source == "" {
		return &usageError{"calendar set: say which page says so, as in --source=https://meetings.unoda.org/meeting/76825"}
	}
	return p.amend(ctx, c.By, strings.Join(append(words, "source:"+c.Source), " "))
}

type calendarConfirmCmd struct {
	Number string `arg:"" help:"The number of the change."`
	By     string `required:"" help:"Who confirms it: somebody else than who proposed it." placeholder:"NAME"`
}

func (c *calendarConfirmCmd) Run(ctx context.Context, p *program) error {
	return p.amend(ctx, c.By, "confirm "+c.Number)
}

type calendarChangesCmd struct{}

func (*calendarChangesCmd) Run(ctx context.Context, p *program) error {
	return p.amend(ctx, "", "changes")
}

// amend runs the verb calendar on the database. Who can open that is an
// administrator; two names are asked for all the same, for two people are meant.
func (p *program) amend(ctx context.Context, by, text string) error {
	if by = strings.TrimSpace(by); by == "" && text != "changes" {
		return &usageError{"--by: say who you are, as in --by=ann"}
	}
	c, db, cal, err := p.openCalendar(ctx)
	if err != nil {
		return err
	}
	defer closeStore(db, p.logger(c, 0))
	verb := digest.Amending{
		Book: db, Calendar: func() *calendar.Calendar { return cal }, Administrator: func(string, string) bool { return true },
	}.Verb()
	reply, err := verb.Handler.Answer(ctx, bot.Message{ID: "cli", Room: bot.Room{Platform: "cli", ID: "local"}, Sender: by, Text: text, SentAt: p.clock()})
	if err != nil {
		return err
	}
	return p.print(reply, "calendar")
}

// loadCalendar loads the folder of facts that the settings name, or else the
// calendar in the program.
func loadCalendar(c config.Config) (*calendar.Calendar, error) {
	if c.Calendar == "" {
		cal, err := calendar.Embedded()
		if err != nil {
			return nil, fmt.Errorf("calendar: %w", err)
		}
		return cal, nil
	}
	cal, err := calendar.Load(os.DirFS(c.Calendar))
	if err != nil {
		return nil, fmt.Errorf("calendar %s: %w", c.Calendar, err)
	}
	return cal, nil
}

// openCalendar opens the database and returns the calendar with the changes that
// hold.
func (p *program) openCalendar(ctx context.Context) (config.Config, *store.Store, *calendar.Calendar, error) {
	c, err := p.settings()
	if err != nil {
		return c, nil, nil, err
	}
	cal, err := loadCalendar(c)
	if err != nil {
		return c, nil, nil, err
	}
	db, err := p.openStore(ctx, c)
	if err != nil {
		return c, nil, nil, err
	}
	all, err := db.Amendments(ctx)
	if err != nil {
		return c, nil, nil, errors.Join(err, db.Close())
	}
	cal, _ = p.amended(cal, all)
	return c, db, cal, nil
}

type calendarDiffCmd struct{}

// changeData is one difference in the output of calendar diff --json.
type changeData struct {
	Row   string `json:"row"`
	Label string `json:"label"`
	Field string `json:"field"`
	Was   string `json:"was"`
	Now   string `json:"now"`
}

func (*calendarDiffCmd) Run(ctx context.Context, p *program) error {
	c, db, cal, err := p.openCalendar(ctx)
	if err != nil {
		return err
	}
	defer closeStore(db, p.logger(c, 0))
	known, err := (&digest.Corrector{Archive: db}).Revisions(ctx)
	if err != nil {
		return err
	}
	changes := []changeData{}
	for _, now := range cal.Shown() {
		was, registered := known[now.Row]
		if !registered || was.Gone {
			continue
		}
		for _, d := range calendar.Differences(was.Last, now) {
			changes = append(changes, changeData{now.Row, now.Label, d.Field, d.Was, d.Now})
		}
	}
	if p.cli.JSON {
		return p.printJSON(map[string]any{"as_of": p.at.Format(time.DateOnly), "registered": len(known), "changes": changes})
	}
	for _, ch := range changes {
		_, _ = fmt.Fprintf(p.env.out, "%s (%s): %s was %s, now %s\n", ch.Row, ch.Label, ch.Field, ch.Was, ch.Now)
	}
	_, err = fmt.Fprintf(p.env.out, "%s, against %s that rooms may have been told\n", bot.Count(len(changes), "change"), bot.Count(len(known), "row"))
	return err
}
