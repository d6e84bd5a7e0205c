package digest

import (
	"rapporteur/bot"
	"rapporteur/calendar"
)

// again says whether a row stands in the edition though an earlier one showed it as
// it is: it comes into the week ahead, it begins today or tomorrow, or the edition
// comes because of it.
func (b *issue) again(to *part, s calendar.Session, said bot.Relied) bool {
	return to.reminds && !isWeek(said.Section) || b.imminent(s) || b.isEveOf(s)
}

// toldToday says whether an earlier edition of the day has named what begins today
// or tomorrow. Then that alone is no reason for another edition, where one comes
// every hour and is to be left out when it has nothing new.
func (b *issue) toldToday(s calendar.Session, said bot.Relied) bool {
	return b.imminent(s) && !b.isEveOf(s) && b.dayOf(said.Due) == b.words.day(b.at)
}

// imminent says whether a session or deadline begins today or tomorrow. Nobody must
// have to look that up in an edition of last week.
func (b *issue) imminent(s calendar.Session) bool {
	days := calendar.DaysUntil(b.at, s.Start)
	return s.Start.Precision() == calendar.ToDay && (days == 0 || days == 1)
}

// isEveOf says whether the edition comes because a session begins so many days
// later, as its subscription ordered. Its slot tells: that stays when the edition is
// late.
func (b *issue) isEveOf(s calendar.Session) bool {
	if b.eve == nil || !begins(s) {
		return false
	}
	quiet := QuietHours(b.edition.Subscription.Options)
	for _, n := range b.eve.before {
		if quiet.spare(b.eve.at(s.Start.First(), n)).Format(slotLayout) == b.edition.Slot {
			return true
		}
	}
	return false
}

// eveOf returns the schedule of a subscription that comes before sessions; nil for
// any other.
func eveOf(sub bot.Subscription) *eve {
	if !followsSessions(sub.Cron) {
		return nil
	}
	e, err := parseEve(sub.Cron)
	if err != nil {
		return nil // the courier says so to its owner
	}
	return e
}
