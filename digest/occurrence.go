package digest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"rapporteur/bot"
)

// Occurrence is one time at which a schedule is due.
type Occurrence struct {
	// Due is the instant, in the schedule's zone.
	Due time.Time
	// Slot is the civil time that names it, such as "2026-11-30T08:00".
	Slot string
	// Note says what is unusual about it: that clocks leave the reading out or
	// show it twice, that the month lacks the day. Empty for nothing.
	Note string
}

// String writes the instant as the clocks of its zone show it and in UTC, and the
// note.
func (o Occurrence) String() string {
	line := fireTime(o.Due)
	if o.Note != "" {
		line += " (" + o.Note + ")"
	}
	return line
}

// Upcoming returns at most count occurrences after an instant, in their order.
func (s *Schedule) Upcoming(after time.Time, count int) []Occurrence {
	var ahead []Occurrence
	for range count {
		due, slot, ok := s.Next(after)
		if !ok {
			break
		}
		ahead = append(ahead, Occurrence{Due: due, Slot: slot, Note: s.note(due, slot)})
		after = due
	}
	return ahead
}

// Times writes occurrences as a block of a reply.
func Times(all []Occurrence) bot.Times {
	times := make(bot.Times, len(all))
	for i, o := range all {
		times[i] = bot.Moment{At: o.Due, Text: o.String()}
	}
	return times
}

// note says what is unusual about an occurrence.
func (s *Schedule) note(due time.Time, slot string) string {
	w, err := time.Parse(slotLayout, slot)
	if err != nil {
		return "" // hours that pass, as they pass
	}
	var notes []string
	if s.eve != nil {
		if names := s.eve.names(w, s.quiet); names != "" {
			notes = append(notes, names)
		}
	}
	if named, ok := s.named(slot); ok && s.lastDay > named.Day() {
		notes = append(notes, fmt.Sprintf("%s has no day %d, so it comes on the last one", named.Month(), s.lastDay))
	}
	switch {
	case !w.Equal(reading(due)):
		notes = append(notes, "clocks leave out "+w.Format("15:04")+" that day")
	case twice(due):
		notes = append(notes, "clocks show "+w.Format("15:04")+" twice that day; it comes the first time")
	}
	return strings.Join(notes, "; ")
}

// twice says whether the clocks will show again what they show at t.
func twice(t time.Time) bool {
	_, end := t.ZoneBounds()
	if end.IsZero() || end.Sub(t) > 26*time.Hour {
		return false
	}
	_, before := t.Zone()
	_, after := end.In(t.Location()).Zone()
	return before > after && !end.After(t.Add(time.Duration(before-after)*time.Second))
}

// remark says what people often do not mean: that a cron expression with a day of
// the month and a day of the week runs on either.
func (s *Schedule) remark() string {
	const star = 1 << 63 // as robfig/cron marks a field that names every value
	if s.wall == nil || s.wall.Dom&star != 0 || s.wall.Dow&star != 0 {
		return ""
	}
	return "The expression names days of the month and days of the week: it comes on either, not only where both meet."
}

// scheduleOf returns when a subscription is due. sessions may be nil.
func scheduleOf(sub bot.Subscription, sessions Sessions, now time.Time) (*Schedule, error) {
	if sub.Broken != "" {
		return nil, broken(sub)
	}
	s, err := Parse(sub.Cron, sub.Zone)
	if err != nil {
		return nil, err
	}
	return s.following(sub.Options, sessions, now), nil
}

// broken says what to do with a subscription that cannot be read.
func broken(sub bot.Subscription) error {
	return fmt.Errorf("%s; give it new ones, for example change %s succession:yes, or end it with unsubscribe %s", sub.Broken, number(sub), number(sub))
}

// shelf keeps schedules that were read, for many subscriptions share one. The zero
// value is ready to use.
type shelf struct {
	mu   sync.Mutex
	read map[[2]string]*Schedule
}

// mostShelved bounds what is kept.
const mostShelved = 1000

// of is [scheduleOf].
func (h *shelf) of(sub bot.Subscription, sessions Sessions, now time.Time) (*Schedule, error) {
	if sub.Broken != "" {
		return nil, broken(sub)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	name := [2]string{sub.Cron, sub.Zone}
	s, known := h.read[name]
	if !known {
		var err error
		if s, err = Parse(sub.Cron, sub.Zone); err != nil {
			return nil, err
		}
		if h.read == nil || len(h.read) >= mostShelved {
			h.read = map[[2]string]*Schedule{}
		}
		h.read[name] = s
	}
	return s.following(sub.Options, sessions, now), nil
}

// following tells the schedule the quiet hours of the options and the sessions.
func (s *Schedule) following(options map[string]string, sessions Sessions, now time.Time) *Schedule {
	if quiet := QuietHours(options); !quiet.IsZero() {
		s = s.Sparing(quiet)
	}
	if s.eve != nil && sessions != nil {
		s = s.Following(sessions(Processes(options), now))
	}
	return s
}

// Preview returns the next three times at which what people type behind
// "subscribe" would be due. Of a digest before sessions it knows none: use
// [PreviewFollowing]. Its errors are sentences for the person who typed.
func Preview(phrase string, now time.Time) ([]Occurrence, error) {
	return PreviewFollowing(nil, phrase, now)
}

// PreviewFollowing is [Preview] with the sessions of a calendar.
func PreviewFollowing(sessions Sessions, phrase string, now time.Time) ([]Occurrence, error) {
	request, err := ParsePhrase(phrase)
	if err != nil {
		return nil, err
	}
	schedule, err := Parse(request.Cron, request.Zone)
	if err != nil {
		return nil, err
	}
	return schedule.following(request.Options, sessions, now).Upcoming(now, upcoming), nil
}

// Plainly reads what a person may write for a rhythm on the command line, without
// zone: a cron expression, or words as in [ParsePhrase] such as "weekly mon
// 08:00". It returns what [Parse] reads.
func Plainly(text string) (string, error) {
	words := strings.Fields(text)
	if len(words) > 0 && strings.EqualFold(words[0], Kind) {
		words = words[1:]
	}
	if len(words) > 0 {
		if _, known := rhythms()[strings.ToLower(words[0])]; known {
			p := phrase{words: words}
			spec, err := p.rhythm()
			if err == nil && len(p.words) > 0 {
				err = fmt.Errorf("%s does not belong to the rhythm; write for example weekly mon 08:00", quoted(p.words[0]))
			}
			return spec, err
		}
	}
	return strings.TrimSpace(text), nil
}
