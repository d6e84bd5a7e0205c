package bot

import (
	"context"
	"errors"
	"time"
)

// Editor is a platform that can change what it has posted.
type Editor interface {
	// Edit puts p.Reply in the place of what was posted under p.Key in p.Room and
	// p.Thread, whose receipt is posted. name names the edit: the same name is the
	// same edit, however often it is made. Errors are a [PostError].
	Edit(ctx context.Context, p Post, posted Receipt, name string) error
}

// Posted is a post that is in its room, remembered so that it can be corrected
// and not repeated.
type Posted struct {
	// Key, Room, Thread and Purpose are those of the [Post], Receipt names it in
	// the room.
	Key     string
	Room    Room
	Thread  string
	Purpose Purpose
	Receipt string
	// Reply is what was said, as whoever remembers it writes it down.
	Reply []byte
	// AsOf is the instant that it was true for, At when it was posted.
	AsOf, At time.Time
	// Relied are the rows that it showed.
	Relied []Relied
}

// Relied is something that a post showed: a row of the calendar in one version,
// or, with an empty version, a quotation by its code.
type Relied struct {
	Row, Version string
	// Section is the heading under which it stood.
	Section string
	// Shown is what the row showed in that version, as [RowState] has it.
	Shown []byte
	// Due is when the edition that shows it was due, of what editions have said.
	Due time.Time
}

// RowState is what a row of the calendar shows now, and how often that changed.
type RowState struct {
	// Row is the ID of the row.
	Row string
	// Version names what it shows, Shown is that, as whoever keeps it writes it.
	Version string
	Shown   []byte
	// Generation is the ISO day on which the calendar that says so was checked:
	// of two calendars the one that was checked later is right.
	Generation string
	// Load counts the files of that day in the order in which they were loaded, and
	// Amended is when the last change of the row by hand was confirmed that whoever
	// says so knew of, whether it holds or the files know better by now.
	Load    int64
	Amended time.Time
	// Sequence counts the changes; Changed is when the last was seen.
	Sequence int
	Changed  time.Time
	// Gone is set where the row is no longer in the calendar.
	Gone bool
}

// Loaded is a calendar that a process has loaded.
type Loaded struct {
	// Rows are what its rows show, changes by hand included.
	Rows []RowState
	// Generation is the ISO day on which its files were checked, Files names what
	// is in them.
	Generation, Files string
	// Before names the files that the same process had before; empty for none.
	Before string
}

// Correction is a change of one row, to be told once in one room that relied on
// the row as it was.
type Correction struct {
	// Key names it: the same room, row and change have the same key.
	Key  string
	Room Room
	// Was and Now are what the row showed and shows.
	Was, Now RowState
	// Posts are the posts of the room that show the row as it was, oldest first.
	Posts []Posted
	// Attempt counts the claims; FirstTried is when the first was made. Doubtful is
	// set where an earlier attempt may have told the room.
	Attempt    int
	FirstTried time.Time
	Doubtful   bool
}

// ReceiptElsewhere is the receipt of a post in a room that was replaced: the room
// that replaces it is told of corrections, and the post stays as it is.
const ReceiptElsewhere = "elsewhere"

// ErrWithdrawn is why a post is not edited whose question was taken back, and the
// post with it.
var ErrWithdrawn = errors.New("the question was taken back")

// VersionGone stands for the version of a row that is no longer in the calendar.
const VersionGone = "gone"

// Amendment is a change of the calendar that a person proposed and, once
// ConfirmedBy is set, another one confirmed.
type Amendment struct {
	// ID is a small number that people type. Where several fields of a row change
	// at once, each has an amendment, and all have one number.
	ID int64
	// Row, Field and Value say what changes, Source is the page that says so.
	Row, Field, Value, Source string
	// ProposedBy and ConfirmedBy name people as "platform:id".
	ProposedBy, ConfirmedBy string
	// ProposedAt and ConfirmedAt are when they did.
	ProposedAt, ConfirmedAt time.Time
}

// Followed is a topic that a room follows until it turns up.
type Followed struct {
	// ID is a small number that people type.
	ID int64
	// Room asked for it and is told.
	Room Room
	// Text is the topic in the words of whoever follows it.
	Text string
	// CreatedBy names the person within the platform; CreatedAt is when.
	CreatedBy string
	CreatedAt time.Time
	// Found names what has turned up, as "document:ID" or "row:ID"; nil as long
	// as nothing has.
	Found []string
	// Attempt, FirstTried and Doubtful are as in [Correction].
	Attempt    int
	FirstTried time.Time
	Doubtful   bool
}
