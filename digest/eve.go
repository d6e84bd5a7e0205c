package digest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapporteur/calendar"
)

// Sessions tells on which days sessions begin, as far as the calendar knows them
// to the day: those of the named processes and of what carries on their work, all
// where nothing is named, from a day on. It is asked anew each time, so that
// schedules follow the calendar.
type Sessions func(names []string, from time.Time) []time.Time

// since returns sessions that are asked for as from an earlier time too: after
// downtime, the days before sessions that have begun meanwhile count as well. The
// later time counts for itself, for what carries on the work may have changed.
func (s Sessions) since(earlier time.Time) Sessions {
	if s == nil {
		return nil
	}
	return func(names []string, from time.Time) []time.Time {
		days := s(names, from)
		if !earlier.Before(from) {
			return days
		}
		for _, day := range s(names, earlier) {
			if !slices.ContainsFunc(days, day.Equal) {
				days = append(days, day)
			}
		}
		return days
	}
}

// SessionsOf returns the sessions of a calendar: those of the processes that an
// edition holds where it names the same. Deadlines are none, nor is what was
// postponed or cancelled.
func SessionsOf(cal *calendar.Calendar) Sessions { return sessionsIn(cal, cal.Sessions()) }

// sessionsIn tells of sessions that need not be those of the calendar, which says
// what processes are called and which carries on the work of which.
func sessionsIn(cal *calendar.Calendar, sessions []calendar.Session) Sessions {
	return func(names []string, from time.Time) []time.Time {
		wanted := among(cal, names, from)
		var days []time.Time
		for _, s := range sessions {
			if begins(s) && wanted(s.Process) && !s.Start.First().Before(from.AddDate(0, 0, -2)) {
				days = append(days, s.Start.First())
			}
		}
		return days
	}
}

// begins says whether a session begins on a day that is known, so that others can
// be counted back from it.
func begins(s calendar.Session) bool {
	return s.Kind != calendar.KindDeadline && s.Start.Precision() == calendar.ToDay &&
		s.Status != calendar.Postponed && s.Status != calendar.Cancelled
}

const (
	eveWord     = "sessions"
	eveExample  = "digest sessions T-30,T-14,T-7,T-1 09:00 Europe/Zurich"
	farthestEve = 366
	mostEves    = 12
)

// eve is a schedule that runs at a time of day, some days before each session.
type eve struct {
	before       []int // days, the most first
	hour, minute int
	days         []time.Time // on which sessions begin, at midnight UTC
}

func followsSessions(spec string) bool {
	word, _, _ := strings.Cut(spec, " ")
	return word == eveWord
}

// parseEve reads "sessions T-30,T-7 09:00".
func parseEve(spec string) (*eve, error) {
	words := strings.Fields(spec)
	if len(words) != 3 {
		return nil, fmt.Errorf("a schedule before sessions names days and a time; write for example %s", eveExample)
	}
	before, err := readEves(words[1])
	if err != nil {
		return nil, err
	}
	at, err := time.Parse("15:04", words[2])
	if err != nil {
		return nil, fmt.Errorf("%s is no time of day; write for example %s", quoted(words[2]), eveExample)
	}
	return &eve{before: before, hour: at.Hour(), minute: at.Minute()}, nil
}

// readEves reads "T-30,T-7" as days, the most first, each once.
func readEves(list string) ([]int, error) {
	var before []int
	for word := range strings.SplitSeq(list, ",") {
		number, found := strings.CutPrefix(strings.ToUpper(word), "T-")
		n, err := strconv.Atoi(number)
		if !found || err != nil || n < 0 || n > farthestEve {
			return nil, fmt.Errorf("%s is no day before a session; T-7 is seven days before, and T-0 to T-%d work: %s", quoted(word), farthestEve, eveExample)
		}
		if !slices.Contains(before, n) {
			before = append(before, n)
		}
	}
	if len(before) > mostEves {
		return nil, errors.New("that is more than twelve days before each session; take the ones that matter, as in " + eveExample)
	}
	slices.Sort(before)
	slices.Reverse(before)
	return before, nil
}

// String writes the schedule as parseEve reads it.
func (e *eve) String() string {
	words := make([]string, len(e.before))
	for i, n := range e.before {
		words[i] = "T-" + strconv.Itoa(n)
	}
	return fmt.Sprintf("%s %s %02d:%02d", eveWord, strings.Join(words, ","), e.hour, e.minute)
}

// at returns the reading that is n days before a session.
func (e *eve) at(day time.Time, n int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()-n, e.hour, e.minute, 0, 0, time.UTC)
}

// next returns the first reading after w; the zero time for none.
func (e *eve) next(w time.Time) time.Time {
	var first time.Time
	for _, day := range e.days {
		for _, n := range e.before {
			if at := e.at(day, n); at.After(w) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	return first
}

// names says which days before which sessions a reading is: "T-7 of the session
// that begins on 7 December 2026". Where the day's reading fell into quiet hours,
// it is their end.
func (e *eve) names(w time.Time, quiet Quiet) string {
	for _, day := range e.days {
		for _, n := range e.before {
			if quiet.spare(e.at(day, n)).Equal(w) {
				return fmt.Sprintf("T-%d of the session that begins on %s", n, calendar.FromTime(day))
			}
		}
	}
	return ""
}

// FollowsSessions says whether the schedule runs before sessions, and so is due
// only while one with a known day is ahead.
func (s *Schedule) FollowsSessions() bool { return s.eve != nil }

// Following returns the schedule with the days on which sessions begin. It
// changes nothing for a schedule that does not follow sessions.
func (s *Schedule) Following(days []time.Time) *Schedule {
	if s.eve == nil {
		return s
	}
	told, following := *s.eve, *s
	told.days = days
	following.eve = &told
	return &following
}
