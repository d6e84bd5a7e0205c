package handlers

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"rapporteur/bot"
	"rapporteur/search"
)

// Verify says what a claimed quotation turns out to be.
func (d *Desk) Verify(text string) search.Verdict { return d.search.Verify(text) }

// Search returns the passages of the record that answer a query best, at most
// limit, and whether the desk would answer it with the first.
func (d *Desk) Search(query string, limit int) (hits []search.Hit, answered bool) {
	return d.search.Search(query, limit)
}

// verify answers whether the record holds the words of a text; without one, the
// words of the message that it replies to or quotes.
func (d *Desk) verify(_ context.Context, m bot.Message) (bot.Reply, error) {
	own, quoted := bot.CutQuoted(strings.TrimSpace(m.Text))
	text := own
	if quoted != "" {
		text = claim(own, quoted)
	}
	if text == "" {
		text = strings.TrimSpace(m.Quoted)
	}
	if text == "" {
		return bot.Say(`Give me the words to check, for example: verify "Each country should define parameters of regulating its information space". Or reply to a message with: verify`), nil
	}
	return d.Ruled(m, d.search.Verify(text)), nil
}

// checks is what people say to a message whose words they doubt. The groups are
// whose words they take them for.
var checks = regexp.MustCompile(`(?i)^(?:(?:please|hey|hi|ok|so|well|and|but|wait|hm+|ask)[, ]+)*(?:` + strings.Join([]string{
	`(?:is|was|are|were) (?:this|that|it|these|they) (?:really |actually |even )?(?:right|true|correct|accurate|exact|genuine|real|verbatim|so|(?:a |the )?(?:real|genuine|true|correct|verbatim|exact|right|accurate) (?:quote|quotation|words|wording))`,
	`(?:is|was) (?:this|that|it) (?:really |actually )?what (.{2,40}?) (?:really |actually )?(?:said|says|stated|wrote)`,
	`(?:did|has|have|does|do) (.{2,40}?) (?:really |actually |ever )?(?:say|said|state|stated|write|written|claim|claimed)(?: (?:this|that|it|so|these words|exactly this))`,
	`(?:(?:can|could|would) you )?(?:please )?(?:verify|check|fact[- ]?check|confirm)(?: (?:this|that|it|these|(?:this|the|that) (?:quote|quotation|message|claim)|these words))?`,
	`who (?:really |actually )?(?:said|says|wrote) (?:this|that|it|so)`,
	`where (?:is|does|did) (?:this|that|it) (?:come )?from`,
	`really|true|true or false|right|correct|is it|source|says who|verbatim`,
}, "|") + `)(?:,? please)?\s*[?!.]*$`)

// doubts returns the words to verify where a message doubts the one it quotes:
// "is this right?", "did China say that?", or nothing but the quotation.
func doubts(m bot.Message) (text string, doubted bool) {
	quoted := strings.TrimSpace(m.Quoted)
	if quoted == "" {
		return "", false
	}
	own := strings.TrimSpace(m.Text)
	if own == "" {
		return quoted, true
	}
	if len(own) > longText {
		return "", false
	}
	found := checks.FindStringSubmatch(own)
	if found == nil {
		return "", false
	}
	return claim(found[1]+found[2], quoted), true
}

// claim puts quoted words into the mouth of the one who is said to have said
// them, where that is a name and the quotation does not name somebody itself.
func claim(who, quoted string) string {
	who = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(who), ":"))
	switch strings.ToLower(who) {
	case "", "he", "she", "they", "it", "we", "you", "i", "anyone", "anybody", "someone", "somebody":
		return quoted
	}
	if strings.ContainsAny(quoted, "\"“”„«»「」『』:") || len(who) > 60 {
		return quoted
	}
	who = strings.TrimSpace(trailing.ReplaceAllString(who, ""))
	return upper(who) + " said: \"" + quoted + "\""
}

var trailing = regexp.MustCompile(`(?i)\s+(?:said|says|stated|declared)$`)

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
		scope := d.scope(m)
		scope.Searched = d.searched()
		return bot.Reply{bot.Refusal{Text: "NOT IN CORPUS: the record holds nothing like it."}, scope}
	}
	if len(v.Alarm) > 0 && v.Ruling != search.Altered {
		reply = append(reply, bot.Paragraph{Text: "Beware, the words left out or joined carry meaning: " + strings.Join(v.Alarm, ", ") + "."})
	}
	if v.Claimed != "" && v.Ruling != search.Misattributed {
		reply = append(reply, bot.Paragraph{Text: "The citation names " + v.Claimed + "; the record's own place stands below."})
	}
	if v.Unread > 0 {
		reply = append(reply, bot.Paragraph{Text: fmt.Sprintf("Only the beginning was read: %d bytes of the text were not checked.", v.Unread)})
	}
	return append(append(reply, quotations(v.Quotations)...), d.scope(m))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
