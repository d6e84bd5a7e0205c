package matrix

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// What is for the bot: a message that begins with its prefix, one that mentions
// it, and everything in a direct room. What never is: its own events, notices
// (other bots), edits, and commands to other bots ("!weather").

// reader reads events as the bot sees them.
type reader struct {
	self   id.UserID
	name   string // display name, may be empty
	prefix string
	ahead  time.Duration // of the clock that dates events
}

// said is the part of an m.room.message that matters here. What does not
// decode into it is no message for the bot.
type said struct {
	MsgType       string          `json:"msgtype"`
	Body          string          `json:"body"`
	To            id.UserID       `json:"to"` // of a request to verify
	FormattedBody string          `json:"formatted_body"`
	NewContent    json.RawMessage `json:"m.new_content"`
	Mentions      struct {
		UserIDs []id.UserID `json:"user_ids"`
	} `json:"m.mentions"`
	RelatesTo struct {
		RelType     string     `json:"rel_type"`
		EventID     id.EventID `json:"event_id"`
		FallingBack bool       `json:"is_falling_back"`
		InReplyTo   struct {
			EventID id.EventID `json:"event_id"`
		} `json:"m.in_reply_to"`
	} `json:"m.relates_to"`
}

// decode reads the content of an m.room.message; false where it is none.
func decode(evt *event.Event) (said, bool) {
	var s said
	if evt.Type.Type != event.EventMessage.Type || json.Unmarshal(evt.Content.VeryRaw, &s) != nil || s.MsgType == "" {
		return said{}, false
	}
	return s, true
}

// read returns the message in an event, and whether it is for the bot. It asks
// direct, whose error it returns, only where the text does not tell.
func (r reader) read(room id.RoomID, evt *event.Event, direct func() (bool, error)) (m bot.Message, forUs bool, err error) {
	if evt.StateKey != nil || evt.ID == "" || evt.Sender == "" || evt.Sender == r.self {
		return bot.Message{}, false, nil
	}
	s, ok := decode(evt)
	if !ok || s.RelatesTo.RelType == string(event.RelReplace) || s.NewContent != nil {
		return bot.Message{}, false, nil
	}
	return r.heed(room, evt, s, direct)
}

// heed returns the message that a content makes of an event, and whether it is
// for the bot.
func (r reader) heed(room id.RoomID, evt *event.Event, s said, direct func() (bool, error)) (m bot.Message, forUs bool, err error) {
	if m, is := r.askedToVerify(room, evt, s); is {
		return m, true, nil
	}
	if s.MsgType != string(event.MsgText) {
		return bot.Message{}, false, nil
	}
	text, forUs := r.address(s)
	if !forUs {
		if isCommand(text) {
			return bot.Message{}, false, nil
		}
		if forUs, err = direct(); err != nil || !forUs {
			return bot.Message{}, false, err
		}
	}
	thread := evt.ID
	if s.RelatesTo.RelType == string(event.RelThread) && s.RelatesTo.EventID != "" {
		thread = s.RelatesTo.EventID
	}
	return r.message(room, evt, thread, text), true, nil
}

// message returns the message of an event, with the text that it comes to.
func (r reader) message(room id.RoomID, evt *event.Event, thread id.EventID, text string) bot.Message {
	return bot.Message{
		ID: evt.ID.String(), Room: bot.Room{Platform: "matrix", ID: room.String()}, Thread: thread.String(),
		Sender: evt.Sender.String(), Text: text, SentAt: time.UnixMilli(evt.Timestamp).Add(-r.ahead).UTC(),
	}
}

// address returns the text without the address, and whether it is addressed to
// the bot by prefix or mention.
func (r reader) address(s said) (text string, forUs bool) {
	text = strings.TrimSpace(withoutReplyFallback(s))
	if rest, ok := r.cutPrefix(text); ok {
		return rest, true
	}
	if isCommand(text) {
		return text, false
	}
	mentioned := r.isMentioned(s)
	rest, named := r.cutName(text, mentioned)
	if !mentioned && !named {
		return text, false
	}
	if !named { // mentioned further on
		rest = strings.TrimSpace(strings.Replace(text, r.self.String(), "", 1))
	}
	if again, ok := r.cutPrefix(rest); ok {
		rest = again
	}
	return rest, true
}

// cutPrefix cuts the prefix, in any case, where a space or the end follows.
func (r reader) cutPrefix(text string) (rest string, ok bool) {
	rest, ok = cutFold(text, r.prefix)
	if !ok || (rest != "" && !startsWithSpace(rest)) {
		return text, false
	}
	return strings.TrimSpace(rest), true
}

// cutName cuts the bot's name at the start. The full user ID always addresses
// it. A name alone may begin an ordinary sentence, so that it wants a colon or
// a comma unless the message is known to be a mention.
func (r reader) cutName(text string, mentioned bool) (rest string, ok bool) {
	localpart := r.self.Localpart()
	for _, name := range []struct {
		text   string
		unique bool
	}{{r.self.String(), true}, {"@" + r.name, false}, {r.name, false}, {"@" + localpart, false}, {localpart, false}} {
		rest, ok := cutFold(text, name.text)
		if name.text == "" || name.text == "@" || !ok {
			continue
		}
		after := strings.TrimLeft(rest, ":,")
		marked := len(after) < len(rest)
		if (marked || name.unique || mentioned) && (after == "" || startsWithSpace(after)) {
			return strings.TrimSpace(after), true
		}
	}
	return text, false
}

// isMentioned looks where clients put mentions: into m.mentions or, older ones,
// into the formatted body as a link.
func (r reader) isMentioned(s said) bool {
	if slices.Contains(s.Mentions.UserIDs, r.self) {
		return true
	}
	formatted := withoutHTMLReply(s.FormattedBody)
	for _, link := range []string{"matrix.to/#/" + r.self.String(), "matrix.to/#/" + url.PathEscape(r.self.String()), "matrix.to/#/" + url.QueryEscape(r.self.String())} {
		at := strings.Index(formatted, link)
		if at >= 0 && strings.ContainsAny(formatted[at+len(link):min(at+len(link)+1, len(formatted))], `"'?&`) {
			return true
		}
	}
	return false
}

// withoutHTMLReply cuts the quotation of the message that is replied to, in which
// the bot may be named.
func withoutHTMLReply(formatted string) string {
	if before, rest, found := strings.Cut(formatted, "<mx-reply>"); found {
		_, after, _ := strings.Cut(rest, "</mx-reply>")
		return before + after
	}
	return formatted
}

// withoutReplyFallback returns the body without the lines that quote the message
// that is replied to.
func withoutReplyFallback(s said) string {
	body := s.Body
	if s.RelatesTo.InReplyTo.EventID == "" || !strings.HasPrefix(body, "> <") {
		return body
	}
	for strings.HasPrefix(body, ">") {
		_, body, _ = strings.Cut(body, "\n")
	}
	return body
}

// isCommand says whether the text is a command to some bot: "!" and a letter.
func isCommand(text string) bool {
	rest, ok := strings.CutPrefix(text, "!")
	first, _ := utf8.DecodeRuneInString(rest)
	return ok && unicode.IsLetter(first)
}

// cutFold is [strings.CutPrefix] in any case.
func cutFold(text, prefix string) (rest string, ok bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

func startsWithSpace(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(first)
}
