package matrix

import (
	"strings"

	"rapporteur/bot"
)

// Replaced returns the message whose answer a post replaces, because the question
// was put differently; false for a post that stands by itself.
func (c *Client) Replaced(p bot.Post) (message string, replaces bool) {
	return strings.CutPrefix(p.Return, editReturn)
}
