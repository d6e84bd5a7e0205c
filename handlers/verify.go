package handlers

import (
	"context"
	"fmt"
	"strings"

	"rapporteur/bot"
	"rapporteur/search"
)

// Verify says what a claimed quotation turns out to be.
func (d *Desk) Verify(text string) search.Verdict { return d.search.Verify(text) }

// verify answers whether the record holds the words of a text.
func (d *Desk) verify(_ context.Context, m bot.Message) (bot.Reply, error) {
	text := strings.TrimSpace(m.Text)
	if text == "" {
		return bot.Say(`Give me the words to check, for example: verify "Each country should define parameters of regulating its information space"`), nil
	}
	return d.Ruled(m, d.search.Verify(text)), nil
}

// Ruled puts a verdict in words.
func (d *Desk) Ruled(m bot.Message, v search.Verdict) bot.Reply {
	var reply bot.Reply
	say := func(text string) { reply = append(reply, bot.Lead{Text: text}) }
	switch v.Ruling {
	case search.Verbatim:
		say("VERBATIM: the record holds these very words.")
	case search.Typography:
		say("VERBATIM, typography differs: the words are the record's; marks, spaces, case or punctuation are not.")
	case search.Altered:
		if len(v.Alarm) > 0 {
			say("ALTERED, a meaning-bearing change: " + strings.Join(v.Alarm, ", ") + ".")
		} else {
			say("ALTERED: words differ from the record.")
		}
		diff := make(bot.Diff, len(v.Diff))
		for i, e := range v.Diff {
			diff[i] = bot.Edit{Op: e.Op, Text: e.Text}
		}
		reply = append(reply, diff)
	case search.Stitched:
		say("STITCHED: two places of the record are joined as if they were one.")
	case search.Truncated:
		say(fmt.Sprintf("TRUNCATED: the ellipsis hides %s, shown here.", bot.Count(v.Hidden, "word")))
	case search.Misattributed:
		say("RIGHT WORDS, OTHER SPEAKER OR DATE: the claim names " + v.Claimed + ", the record says otherwise.")
	case search.TooShort:
		say(fmt.Sprintf("TOO SHORT to verify: the words stand in the record %s, which proves nothing.", times(v.Occurrences)))
	default:
		return bot.Reply{bot.Refusal{Text: "NOT IN CORPUS: the record holds nothing like it."}, d.scope(m)}
	}
	return append(append(reply, quotations(v.Quotations)...), d.scope(m))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
