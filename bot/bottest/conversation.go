package bottest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// Conversation is a golden conversation: what a person says and what the bot
// answers, as plain text.
type Conversation struct {
	Name  string
	Turns []Turn
}

// Turn is one question with its answer.
type Turn struct {
	// In is what the person says, Reply what the bot answers.
	In, Reply string
	// Thread names the thread it is said in; empty for the room itself.
	Thread string
	// Quoted is the message that the person replies to or quotes.
	Quoted string
	// Restart says that the bot is stopped and started before.
	Restart bool
	// After is how much time passes before, besides a second.
	After time.Duration
}

// ParseConversation reads a txtar archive of files in turns: "in" is what a
// person says in the room, "in NAME" in the thread of that name, and "reply" what
// the bot answers. Before an "in" may stand "quoted", the message that it replies
// to, "restart", and "after DURATION", such as "after 25h".
func ParseConversation(name string, data []byte) (Conversation, error) {
	c := Conversation{Name: strings.TrimSuffix(name, ".txt")}
	var turn Turn
	said := false
	for _, file := range txtar.Parse(data).Files {
		text := strings.TrimSpace(string(file.Data))
		kind, rest, _ := strings.Cut(file.Name, " ")
		switch {
		case kind == "in" && !said:
			turn.In, turn.Thread, said = text, strings.TrimSpace(rest), true
		case kind == "reply" && said && rest == "":
			turn.Reply = text
			c.Turns = append(c.Turns, turn)
			turn, said = Turn{}, false
		case kind == "quoted" && !said && rest == "":
			turn.Quoted = text
		case kind == "restart" && !said && rest == "" && text == "":
			turn.Restart = true
		case kind == "after" && !said && text == "":
			after, err := time.ParseDuration(strings.TrimSpace(rest))
			if err != nil || after <= 0 {
				return c, fmt.Errorf("%s: %q: want a duration such as 25h", name, file.Name)
			}
			turn.After = after
		default:
			return c, fmt.Errorf("%s: got a file %q after turn %d; want in or in NAME and then reply, and quoted, restart or after DURATION before an in", name, file.Name, len(c.Turns))
		}
	}
	if said || turn != (Turn{}) {
		return c, fmt.Errorf("%s: the last turn has no reply", name)
	}
	if len(c.Turns) == 0 {
		return c, errors.New(name + ": got no turns, want pairs of in and reply")
	}
	return c, nil
}
