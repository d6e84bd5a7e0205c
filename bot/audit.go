package bot

import "time"

// Deed is what somebody did that others may want to know of later: an order, a
// change, a refusal. It holds the bot's words, not the person's.
type Deed struct {
	// At is when it was done.
	At time.Time
	// Room is where; its ID is empty for nowhere.
	Room Room
	// Message is the ID of the message by which it was done, within the room; empty
	// where there was none.
	Message string
	// Person is who; empty where nobody is known.
	Person string
	// Act is the verb, such as "subscribe".
	Act string
	// Outcome is what came of it, one line.
	Outcome string
}
