package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// Slack's envelopes are read here from their JSON, and of them only what the
// bot needs. slack-go would read all of it and gives an event up when a single
// block in it is new or malformed (platform-contracts §1.3 S1, S13): a question
// must not be lost because of how its text was drawn.

// The kinds of an envelope that the bot handles, as Socket Mode names them.
const (
	kindEvent       = "events_api"
	kindSlash       = "slash_commands"
	kindInteractive = "interactive"
)

// envelope is what comes over the socket.
type envelope struct {
	Type       string          `json:"type"`
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
	Retry      int             `json:"retry_attempt"`
}

// identity names an envelope among all: by its id, else by what it brings.
func (e envelope) identity() string {
	if e.EnvelopeID != "" {
		return e.EnvelopeID
	}
	sum := sha256.Sum256(e.Payload)
	return hex.EncodeToString(sum[:12])
}

// eventPayload is an envelope's payload for app_mention and message.
type eventPayload struct {
	Type           string `json:"type"`
	EventID        string `json:"event_id"`
	TeamID         string `json:"team_id"`
	EnterpriseID   string `json:"enterprise_id"`
	Authorizations []struct {
		UserID  string `json:"user_id"`
		IsBot   bool   `json:"is_bot"`
		OrgWide bool   `json:"is_enterprise_install"`
	} `json:"authorizations"`
	Event     innerEvent `json:"event"`
	workspace string
}

// innerEvent is what happened.
type innerEvent struct {
	installChange
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	User        userRef         `json:"user"`
	BotID       string          `json:"bot_id"`
	ClientMsgID string          `json:"client_msg_id"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	Channel     string          `json:"channel"`
	ChannelType string          `json:"channel_type"`
	Edited      json.RawMessage `json:"edited"`
	Tab         string          `json:"tab"`
	MessageTS   string          `json:"message_ts"`
	Links       []struct {
		URL string `json:"url"`
	} `json:"links"`
}

// surface is what kind of room it happened in, as far as that is told: direct
// conversations are known by their ids.
func (e innerEvent) surface() string {
	if e.ChannelType == "" && strings.HasPrefix(e.Channel, "D") {
		return "im"
	}
	return e.ChannelType
}

// userRef is a user as events name them: by id, or with all that is known.
type userRef struct {
	ID string
	// about is the user as the Web API shows them; nil where there is the id only.
	about *slackgo.User
}

// UnmarshalJSON reads either form. What it cannot read names nobody.
func (u *userRef) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &u.ID) == nil {
		return nil
	}
	var about slackgo.User
	if json.Unmarshal(data, &about) == nil {
		u.ID, u.about = about.ID, &about
	}
	return nil
}

// slashPayload is an envelope's payload for a slash command.
type slashPayload struct {
	Command      string `json:"command"`
	Text         string `json:"text"`
	ChannelID    string `json:"channel_id"`
	UserID       string `json:"user_id"`
	ResponseURL  string `json:"response_url"`
	TriggerID    string `json:"trigger_id"`
	TeamID       string `json:"team_id"`
	EnterpriseID string `json:"enterprise_id"`
	envelope     string
}

// read reads an envelope. It never fails: what it cannot read says nothing.
func (c *Client) read(e envelope) reading {
	switch e.Type {
	case kindEvent:
		var p eventPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return ignored("unreadable event: " + err.Error())
		}
		p.workspace = c.key(p.EnterpriseID, p.TeamID)
		p.Event.Type = either(p.Event.Type, p.Type) // app_rate_limited wraps nothing
		return c.readEvent(p)
	case kindSlash:
		var p slashPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return ignored("unreadable slash command: " + err.Error())
		}
		p.envelope = e.identity()
		return c.readSlash(p)
	case kindInteractive:
		var p interactivePayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return ignored("unreadable interaction: " + err.Error())
		}
		p.envelope = e.identity()
		return c.readInteraction(p)
	}
	return ignored("envelope of unknown type " + strconv.Quote(e.Type))
}

// readEvent reads an event by the table's reader for it.
func (c *Client) readEvent(p eventPayload) reading {
	e := p.Event
	for _, known := range events() {
		if e.Type == either(known.inner, known.name) && e.surface() == either(known.surface, e.surface()) {
			return known.read(c, p)
		}
	}
	return ignored("event " + strconv.Quote(e.Type) + " is not for the bot")
}

// readSaid reads what a person said in a room. Other bots, the bot itself,
// edits, joins and the like are not people talking to it.
func (c *Client) readSaid(p eventPayload) reading {
	e, self := p.Event, c.selfOf(p)
	switch {
	case e.Subtype != "" && e.Subtype != "file_share": // a question may come with a file
		return ignored("message of subtype " + strconv.Quote(e.Subtype))
	case e.BotID != "" || e.User.ID == "":
		return ignored("not from a person")
	case self != "" && e.User.ID == self:
		return ignored("from the bot itself")
	case len(e.Edited) > 0 && string(e.Edited) != "null":
		return ignored("an edit")
	case e.TS == "" || e.Channel == "":
		return ignored("no channel or timestamp")
	}
	m := bot.Message{
		// The ts is the identity: an app_mention, the message event of the same
		// text and every retry of both are one message.
		ID:     e.TS,
		Room:   c.room(p.workspace, e.Channel),
		Thread: either(e.ThreadTS, e.TS),
		Sender: e.User.ID,
		SentAt: c.timeOf(e.TS),
	}
	m.Text = readable(withoutMention(e.Text, self))
	r := reading{message: m, said: true}
	if e.ClientMsgID != "" {
		// One gesture may come with two timestamps: platform-contracts §1.2.
		r.name = "client_msg_id " + e.ClientMsgID
	}
	return r
}

// readGone reads that the bot cannot speak in a room any more. It is written down
// before the event is acknowledged.
func readGone(why string) func(c *Client, p eventPayload) reading {
	return func(c *Client, p eventPayload) reading {
		if c.rooms == nil || p.Event.Channel == "" {
			return ignored("nobody keeps what becomes of rooms")
		}
		room := c.room(p.workspace, p.Event.Channel)
		return reading{work: func(ctx context.Context) error { return c.rooms.RoomGone(ctx, room, why) }}
	}
}

// readBack reads that the bot can speak in a room again.
func (c *Client) readBack(p eventPayload) reading {
	if c.rooms == nil || p.Event.Channel == "" {
		return ignored("nobody keeps what becomes of rooms")
	}
	room := c.room(p.workspace, p.Event.Channel)
	return reading{work: func(ctx context.Context) error { return c.rooms.RoomBack(ctx, room) }}
}

// readJoined reads that somebody joined a room: of interest where it is the bot.
func (c *Client) readJoined(p eventPayload) reading {
	if self := c.selfOf(p); self == "" || p.Event.User.ID != self {
		return ignored("somebody else joined")
	}
	return c.readBack(p)
}

// selfOf returns the bot's user id: whom the event was delivered to, else who
// the bot has found itself to be. It is empty where neither is known, in the
// first moments.
func (c *Client) selfOf(p eventPayload) string {
	for _, a := range p.Authorizations {
		if a.IsBot && a.UserID != "" {
			return a.UserID
		}
	}
	if self := c.only.self.Load(); self != nil && c.installs == nil {
		return self.userID
	}
	if p.Event.Type == "app_mention" {
		// Whoever is mentioned first: the event says that the bot is mentioned.
		if found := firstMention.FindStringSubmatch(p.Event.Text); found != nil {
			return found[1]
		}
	}
	return ""
}

var firstMention = regexp.MustCompile(`<@([A-Z0-9]+)(?:\|[^>]*)?>`)

// readSlash reads a slash command.
func (c *Client) readSlash(p slashPayload) reading {
	known := slices.IndexFunc(commands(), func(k command) bool { return k.name(c) == p.Command })
	if known < 0 {
		return ignored("slash command " + strconv.Quote(p.Command) + " is not the bot's")
	}
	text := strings.TrimSpace(commands()[known].verb + " " + strings.TrimSpace(readable(p.Text)))
	if p.ChannelID == "" || p.UserID == "" {
		return ignored("slash command without channel or user")
	}
	back := c.privately(p.ResponseURL)
	return reading{said: true, respond: back, message: bot.Message{
		ID: gesture(p.TriggerID, p.ResponseURL, p.envelope), Room: c.room(c.key(p.EnterpriseID, p.TeamID), p.ChannelID), Sender: p.UserID,
		Text: text, SentAt: c.now(), Return: back,
	}}
}

// gesture names what a person did once: by its trigger and where it is answered,
// which are new each time, else by the envelope that told of it.
func gesture(trigger, address, envelope string) string {
	if trigger == "" && address == "" {
		return "envelope " + envelope
	}
	if address == "" {
		return trigger
	}
	sum := sha256.Sum256([]byte(address))
	return trigger + " " + hex.EncodeToString(sum[:6])
}

// timeOf reads a ts, which is a time; now where it is none.
func (c *Client) timeOf(ts string) time.Time {
	seconds, micros, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s <= 0 {
		return c.now()
	}
	us, err := strconv.ParseInt((micros + "000000")[:6], 10, 64)
	if err != nil {
		us = 0
	}
	return time.Unix(s, us*1000).UTC()
}

// withoutMention takes the mentions of a user out of a text, with the comma or
// colon after one that opens it.
func withoutMention(text, user string) string {
	if user == "" {
		return strings.TrimSpace(text)
	}
	mention := regexp.MustCompile(`<@` + regexp.QuoteMeta(user) + `(\|[^>]*)?>`)
	var kept []string
	for i, part := range mention.Split(text, -1) {
		if i > 0 && strings.TrimSpace(strings.Join(kept, "")) == "" {
			part = strings.TrimLeft(part, " \u00a0:,")
		}
		if part = strings.Trim(part, " \u00a0"); part != "" {
			kept = append(kept, part)
		}
	}
	return strings.TrimSpace(strings.Join(kept, " "))
}

// unescape writes Slack's mark-up as the person saw it: <#C1|general> is
// "#general", <https://a.example|a> is "a", &lt; is "<".
// docs.slack.dev/messaging/formatting-message-text#retrieving-messages.
func unescape(text string) string {
	var out strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '<')
		end := -1
		if open >= 0 {
			end = strings.IndexByte(text[open:], '>')
		}
		if open < 0 || end < 0 {
			out.WriteString(entities(text))
			break
		}
		out.WriteString(entities(text[:open]))
		out.WriteString(entities(shown(text[open+1 : open+end])))
		text = text[open+end+1:]
	}
	return out.String()
}

// byID are the verbs whose arguments are channels, people and groups, by their ids.
var byID = regexp.MustCompile(`^\s*admin\s`)

// identified is mark-up that names a channel, a person or a group.
var identified = regexp.MustCompile(`<(?:#|@|!subteam\^)([A-Z0-9]+)(?:\|[^>]*)?>`)

// readable is a text as the person saw it; for a verb that is about channels and
// people it says their ids.
func readable(text string) string {
	if byID.MatchString(text) {
		text = identified.ReplaceAllString(text, " $1 ")
	}
	return unescape(text)
}

// shown is what a person sees of the mark-up between < and >.
func shown(inner string) string {
	address, label, labelled := strings.Cut(inner, "|")
	sign := ""
	switch {
	case strings.HasPrefix(address, "@"):
		sign, address = "@", address[1:]
	case strings.HasPrefix(address, "#"):
		sign, address = "#", address[1:]
	case strings.HasPrefix(address, "!"):
		address, _, _ = strings.Cut(address[1:], "^")
		if address != "date" {
			sign = "@"
		}
	}
	if labelled && label != "" {
		if sign == "" || strings.HasPrefix(label, sign) {
			return label
		}
		return sign + label
	}
	return sign + address
}

func entities(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
