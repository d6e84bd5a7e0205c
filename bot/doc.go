// Package bot says what a message is, what a reply is, and how one becomes the
// other, as net/http does for web services.
//
// A [Platform] (Slack, Matrix, the terminal) hears people and hands each
// [Message] to a [Server]. The server commits it to the [Inbox] first, so that
// the platform may acknowledge it, and answers second: a [Handler] returns a
// [Reply], the platform posts it, the inbox forgets the message. A process that
// dies in between leaves a row behind that it, or a replica, takes up again.
//
// A Reply is a list of blocks from a small, sealed vocabulary that is free of
// platform words. A [Quotation] can only be made from a passage of the record;
// an [Action] is a command that a person could have typed. [Reply.String] is
// the whole reply as plain text: what the terminal prints, what golden files
// hold, what Matrix sends as the plain body.
//
// A person's mistake is a reply; the program's mistake is an error, logged once
// by [Guard] and shown as one fixed apology.
package bot
