package digest

import (
	"time"

	"rapporteur/bot"
)

// unread is a quotation of a stored reply whose words the record of this replica
// does not hold: a document that another replica has read already, or one that was
// withdrawn. Nobody can tell which from here, so its place is kept, and a record that
// holds the words quotes them again. It is never shown: see [visible].
type unread struct {
	bot.Paragraph // makes it a block

	quotation writtenBlock
}

// withdrawnWords stands where words are not quoted any more.
const withdrawnWords = "What was quoted here is no longer in the corpus."

// readWithin is for how long replicas are given to read the same documents. Until
// then what quotes an unread document is left to the one that has read it; after it
// the document counts as withdrawn, for a new date must not wait for old words.
const readWithin = 2 * time.Hour

// unreadIn counts the quotations of a reply whose words are not in the record, and of
// which the post may still show them.
func unreadIn(reply bot.Reply) int {
	n := 0
	for _, block := range reply {
		if u, is := block.(unread); is && !u.quotation.Struck {
			n++
		}
	}
	return n
}

// struck is a reply of which the post shows no more than what is [visible]: no other
// correction of it waits for the words again.
func struck(reply bot.Reply) bot.Reply {
	out := make(bot.Reply, len(reply))
	for i, block := range reply {
		if u, is := block.(unread); is {
			u.quotation.Struck = true
			block = u
		}
		out[i] = block
	}
	return out
}

// visible is a reply as people are shown it: where words cannot be quoted, it says so.
func visible(reply bot.Reply) bot.Reply {
	shown := make(bot.Reply, len(reply))
	for i, block := range reply {
		if _, is := block.(unread); is {
			block = bot.Paragraph{Text: withdrawnWords}
		}
		shown[i] = block
	}
	return shown
}
