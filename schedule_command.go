package main

import (
	"context"
	"fmt"
	"time"

	"rapporteur/digest"
)

type scheduleCmd struct {
	Next scheduleNextCmd `cmd:"" help:"When a schedule is due: slot, UTC, and what is unusual."`
}

type scheduleNextCmd struct {
	Spec  string `required:"" help:"A cron expression of five fields, or words such as \"weekly mon 08:00\"."`
	Zone  string `required:"" help:"The time zone, such as Europe/Zurich."`
	From  string `help:"The instant (2026-11-23T12:00:00Z) or day to begin after; now where it is not given." placeholder:"WHEN"`
	Count int    `help:"How many." default:"5"`
	Quiet string `help:"Quiet hours, such as 22:00-07:00." placeholder:"HOURS"`
}

// mostOccurrences bounds how many are printed.
const mostOccurrences = 10_000

// occurrenceData is one occurrence in the output of schedule next --json.
type occurrenceData struct {
	Slot string `json:"slot"`
	UTC  string `json:"utc"`
	Note string `json:"note"`
}

func (c *scheduleNextCmd) Run(ctx context.Context, p *program) error {
	if c.Count < 1 || c.Count > mostOccurrences {
		return &usageError{fmt.Sprintf("--count: want 1 to %d, not %d", mostOccurrences, c.Count)}
	}
	from, err := instant(c.From, p.at)
	if err != nil {
		return err
	}
	schedule, spec, err := c.schedule(ctx, p, from)
	if err != nil {
		return &usageError{err.Error()}
	}
	list := []occurrenceData{}
	for _, o := range schedule.Upcoming(from, c.Count) {
		list = append(list, occurrenceData{Slot: o.Slot, UTC: o.Due.UTC().Format(time.RFC3339), Note: o.Note})
	}
	if p.cli.JSON {
		return p.printJSON(map[string]any{"spec": spec, "zone": c.Zone, "from": from.UTC().Format(time.RFC3339), "occurrences": list})
	}
	for _, o := range list {
		line := o.Slot + "  " + o.UTC
		if o.Note != "" {
			line += "  " + o.Note
		}
		if _, err := fmt.Fprintln(p.env.out, line); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}

// schedule reads what the command line says.
func (c *scheduleNextCmd) schedule(ctx context.Context, p *program, from time.Time) (*digest.Schedule, string, error) {
	spec, err := digest.Plainly(c.Spec)
	if err != nil {
		return nil, "", err
	}
	schedule, err := digest.Parse(spec, c.Zone)
	if err != nil {
		return nil, "", err
	}
	if c.Quiet != "" {
		quiet, err := digest.ParseQuiet(c.Quiet)
		if err != nil {
			return nil, "", err
		}
		schedule = schedule.Sparing(quiet)
	}
	if schedule.FollowsSessions() {
		settings, err := p.settings()
		if err != nil {
			return nil, "", err
		}
		k, err := p.knowAmended(ctx, settings)
		if err != nil {
			return nil, "", err
		}
		schedule = schedule.Following(digest.SessionsOf(k.calendar)(nil, from))
	}
	return schedule, spec, nil
}

// instant reads an instant or a day, which begins at midnight in UTC.
func instant(s string, otherwise time.Time) (time.Time, error) {
	if s == "" {
		return otherwise, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &usageError{fmt.Sprintf("--from: %q is no instant; write 2026-11-23T12:00:00Z or 2026-11-23", s)}
}
