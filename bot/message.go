package bot

import (
	"context"
	"time"
)

// Room is a place where people and the bot talk: a channel, a room, a direct
// conversation, the terminal.
type Room struct {
	// Platform is the platform's name, such as "slack".
	Platform string
	// ID names the room within its platform.
	ID string
}

// String returns "platform:id".
func (r Room) String() string { return r.Platform + ":" + r.ID }

// Message is what a person said to the bot.
type Message struct {
	// ID is unique within the room: each message is answered once.
	ID string
	// Room is where it was said and where the answer goes.
	Room Room
	// Thread names the thread that the answer belongs to; empty for none.
	Thread string
	// Sender names the person within the platform.
	Sender string
	// Text is plain text, the mention of the bot removed.
	Text string
	// Quoted is the plain text of the message that this one replies to or
	// quotes, without the name of its sender; empty for none.
	Quoted string
	// SentAt is when it was said. "Today" and "last month" count from here.
	SentAt time.Time
	// Said holds the codes of what the conversation has quoted already, so that
	// an answer may leave it out. Handlers set it, platforms do not.
	Said []string
	// Language is the sender's language as a BCP 47 tag, such as "de" or "pt-BR",
	// and Zone the sender's IANA time zone; empty where the platform does not
	// tell. They are set when the message is answered, see [Completer].
	Language, Zone string
	// Public is set where the answer may rest on public documents alone: the
	// sender is a guest, or of another organisation.
	Public bool
	// Unsent is set where a message is taken up again and no earlier attempt can
	// have posted anything. An [Inbox] sets it.
	Unsent bool
	// Return is where the platform wants the answer when it is not simply the
	// room, for instance the response address of a slash command. Only the
	// platform that wrote it reads it.
	Return string
}

// Handler answers messages.
type Handler interface {
	// Answer returns the reply to m. The zero Reply says nothing. An error is
	// the program's own mistake; a person's mistake is a reply.
	Answer(ctx context.Context, m Message) (Reply, error)
}

// HandlerFunc is a function that is a [Handler].
type HandlerFunc func(ctx context.Context, m Message) (Reply, error)

// Answer calls f.
func (f HandlerFunc) Answer(ctx context.Context, m Message) (Reply, error) { return f(ctx, m) }
