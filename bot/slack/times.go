package slack

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"

	"rapporteur/bot"
)

// A time stands in the zone that it belongs to, in words, and Slack adds it in the
// zone of whoever reads: as a date element in blocks, as <!date^…> in the text for
// notifications and screen readers. Where Slack cannot, both say it in UTC.
// docs.slack.dev/messaging/formatting-message-text#date-formatting.

const (
	// dateFormat is how Slack writes a time.
	dateFormat = "{date_short_pretty} {time}"
	yours      = " · your time: "
)

// In a plain text a time stands between these control characters. Nothing else is
// believed between them: the record may hold whatever it holds.
const stampOpen, stampClose = "\x01", "\x02"

var stamp = regexp.MustCompile(`^<!date\^[0-9]{1,12}\^` + regexp.QuoteMeta(dateFormat) + `\|[A-Za-z0-9,: ]{1,40}>$`)

// inUTC is what is shown of a time where nobody's zone is known.
func inUTC(at time.Time) string { return at.UTC().Format("2 Jan 2006, 15:04 UTC") }

// drawTimes draws times as a list.
func drawTimes(times bot.Times) []unit {
	var all []unit
	for _, m := range times {
		if m.At.IsZero() || units16(m.Text) > maxBlock-200 {
			all = append(all, drawList([]string{m.Text})...)
			continue
		}
		fallback := inUTC(m.At)
		date := slackgo.NewRichTextSectionDateElement(m.At.Unix(), dateFormat, nil, &fallback)
		all = append(all, unit{
			block: slackgo.NewRichTextBlock("", slackgo.NewRichTextList(slackgo.RTEListBullet, 0, slackgo.NewRichTextSection(text(m.Text+yours, nil), date))),
			plain: "• " + stamped(m), size: units16(m.Text) + units16(yours) + units16(fallback),
		})
	}
	return merged(all)
}

// merged puts lists that follow each other into one block, as far as it holds them.
func merged(units []unit) []unit {
	var all []unit
	for _, u := range units {
		next, is := u.block.(*slackgo.RichTextBlock)
		if len(all) > 0 && is && all[len(all)-1].size+u.size <= maxBlock {
			last := &all[len(all)-1]
			if into, is := last.block.(*slackgo.RichTextBlock); is {
				to, isList := into.Elements[0].(*slackgo.RichTextList)
				from, isListToo := next.Elements[0].(*slackgo.RichTextList)
				if isList && isListToo {
					to.Elements = append(to.Elements, from.Elements...)
					last.plain, last.size = last.plain+"\n"+u.plain, last.size+u.size
					continue
				}
			}
		}
		all = append(all, u)
	}
	return all
}

// stamped is a line with its time for the plain text.
func stamped(m bot.Moment) string {
	if m.At.IsZero() {
		return m.Text
	}
	return m.Text + yours + stampOpen + fmt.Sprintf("<!date^%d^%s|%s>", m.At.Unix(), dateFormat, inUTC(m.At)) + stampClose
}

// withStamps returns a reply that says its times to Slack in its plain text.
func withStamps(r bot.Reply) bot.Reply {
	out := make(bot.Reply, len(r))
	for i, b := range r {
		if times, is := b.(bot.Times); is {
			list := bot.List{Items: make([]string, len(times))}
			for j, m := range times {
				list.Items[j] = stamped(m)
			}
			b = list
		}
		out[i] = b
	}
	return out
}

// escaped escapes a plain text for Slack, piece by piece: a time is one piece, and
// every other character is.
func escaped(plain string, each func(piece string) (more bool)) {
	for plain != "" {
		before, rest, found := strings.Cut(plain, stampOpen)
		for _, r := range before {
			if !each(slackutilsx.EscapeMessage(string(r))) {
				return
			}
		}
		if !found {
			return
		}
		date, after, _ := strings.Cut(rest, stampClose)
		if !stamp.MatchString(date) {
			plain = rest
			continue
		}
		if !each(date) {
			return
		}
		plain = after
	}
}
