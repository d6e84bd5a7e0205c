package digest

import (
	"slices"
	"time"

	"rapporteur/bot"
)

// lastDay is the day of the last edition that is in the room.
func (b *issue) lastDay() string { return b.dayOf(b.last) }

// dayOf is the day, in the room, of the edition that was due at a time.
func (b *issue) dayOf(due time.Time) string { return b.words.day(due.In(b.at.Location())) }

// unchanged says by which editions that was announced which is left out, one line
// for the editions of each day, so that whoever looks one up finds it there.
func (b *issue) unchanged(key string, p part) bot.Reply {
	var days []string
	counts := map[string]int{}
	for _, due := range slices.SortedFunc(slices.Values(p.known), time.Time.Compare) {
		day := b.dayOf(due)
		if counts[day] == 0 {
			days = append(days, day)
		}
		counts[day]++
	}
	var reply bot.Reply
	for _, day := range days {
		n := counts[day]
		reply = append(reply, bot.Paragraph{Text: b.words.count(key, n, "count", b.words.count(p.noun, n), "date", day)})
		key = "also"
	}
	return reply
}
