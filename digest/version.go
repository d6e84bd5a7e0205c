package digest

import (
	"rapporteur/bot"
	"rapporteur/calendar"
)

// Versions name what each row of a calendar shows, by its ID.
type Versions map[string]string

// versionGone stands for the version of a row that is no longer in the calendar.
const versionGone = bot.VersionGone

// VersionsOf returns those of a calendar.
func VersionsOf(cal *calendar.Calendar) Versions {
	v := Versions{}
	for _, s := range cal.Shown() {
		if _, twice := v[s.Row]; !twice {
			v[s.Row] = s.Version()
		}
	}
	return v
}

// Mark returns the reply with the versions of the rows that its facts show, where
// they do not say so themselves. Whoever makes a reply of a calendar marks it at
// once: by the time it is in its room, another calendar may be known.
func (v Versions) Mark(reply bot.Reply) bot.Reply {
	out := make(bot.Reply, len(reply))
	for i, block := range reply {
		if f, is := block.(bot.Fact); is && f.Version == "" {
			f.Version = v[f.ID]
			block = f
		}
		out[i] = block
	}
	return out
}
