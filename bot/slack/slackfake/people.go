package slackfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// Mention lets a person mention the app in a channel and returns the ts of the
// message. The text is as it stands on the wire, see [Escape]; the mention is
// put before it unless it holds one.
// docs.slack.dev/reference/events/app_mention.
func (s *Server) Mention(channel, user, text string) string {
	return s.MentionIn(channel, user, "", text)
}

// MentionIn is Mention in a thread.
func (s *Server) MentionIn(channel, user, threadTS, text string) string {
	m := s.said(channel, threadTS, Message{User: user, Text: s.mentioning(text)})
	s.Event(s.inner("app_mention", m, map[string]any{"client_msg_id": "client-" + m.TS}))
	return m.TS
}

// Say lets a person say something in a room; the app is not told.
func (s *Server) Say(channel, user, threadTS, text string) string {
	return s.said(channel, threadTS, Message{User: user, Text: text}).TS
}

// DM lets a person write to the app directly and returns channel and ts.
// docs.slack.dev/reference/events/message.im.
func (s *Server) DM(user, text string) (channel, ts string) { return s.DMIn(user, "", text) }

// DMIn is DM in a thread.
func (s *Server) DMIn(user, threadTS, text string) (channel, ts string) {
	s.mu.Lock()
	channel = s.directChannel(user).id
	s.mu.Unlock()
	m := s.said(channel, threadTS, Message{User: user, Text: text})
	s.Event(s.inner("message", m, map[string]any{"channel_type": "im", "client_msg_id": "client-" + m.TS}))
	return channel, m.TS
}

// BotMention lets another bot mention the app in a channel: Slack tells the app
// about it, with the other bot's bot_id.
func (s *Server) BotMention(channel, text string) string {
	m := s.said(channel, "", Message{User: "U0OTHERBOT", BotID: "B0OTHERBOT", AppID: "A0OTHER", Text: s.mentioning(text)})
	s.Event(s.inner("app_mention", m, map[string]any{"bot_id": m.BotID, "app_id": m.AppID}))
	return m.TS
}

// SelfMessage tells the app about a direct message that it wrote itself, as
// Slack does.
func (s *Server) SelfMessage(user, text string) string {
	s.mu.Lock()
	m := &Message{Channel: s.directChannel(user).id, Text: text}
	s.sign(m)
	s.mu.Unlock()
	s.Event(s.inner("message", m, map[string]any{"channel_type": "im", "bot_id": m.BotID, "app_id": m.AppID}))
	return m.TS
}

func (s *Server) mentioning(text string) string {
	if strings.Contains(text, "<@"+s.config.BotUser) {
		return text
	}
	return "<@" + s.config.BotUser + "> " + text
}

// said puts a message of somebody else into a room.
func (s *Server) said(channel, threadTS string, m Message) *Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Channel, m.ThreadTS, m.TS = channel, threadTS, s.newTS()
	c := s.channel(channel)
	c.members[m.User] = true
	c.messages = append(c.messages, &m)
	s.touch()
	return &m
}

// inner is a message as an event.
func (s *Server) inner(kind string, m *Message, more map[string]any) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := map[string]any{
		"type": kind, "user": m.User, "text": m.Text, "ts": m.TS, "event_ts": m.TS, "channel": m.Channel, "team": s.config.Team,
		"blocks": []any{map[string]any{"type": "rich_text", "block_id": "b1", "elements": []any{map[string]any{
			"type": "rich_text_section", "elements": []any{map[string]any{"type": "text", "text": unescape(m.Text) + " "}},
		}}}},
	}
	if m.ThreadTS != "" {
		e["thread_ts"] = m.ThreadTS
	}
	if u := s.users[m.User]; u != nil && u.Team != "" && u.Team != s.config.Team {
		// docs.slack.dev/apis/slack-connect: whose message it is.
		e["user_team"], e["source_team"] = u.Team, u.Team
	}
	maps.Copy(e, more)
	return e
}

// Invocation is a slash command or a press of a button that is on its way.
type Invocation struct {
	// EnvelopeID is what the app acknowledges.
	EnvelopeID string
	// TriggerID names the gesture; ActionTS, for a button, the press.
	TriggerID, ActionTS string
	// ResponseURL is where the app may answer.
	ResponseURL string
}

// Slash lets a person type a slash command. It is sent once: Slack does not
// retry commands. docs.slack.dev/interactivity/implementing-slash-commands.
func (s *Server) Slash(command, text, channel, user string) (Invocation, error) {
	s.mu.Lock()
	c := s.channel(channel)
	v := Invocation{TriggerID: s.newTrigger(user), ResponseURL: s.newResponse(channel, user)}
	payload := map[string]any{
		"token": "verification", "team_id": s.config.Team, "team_domain": "workspace", "channel_id": channel,
		"channel_name": c.name, "user_id": user, "user_name": strings.ToLower(user), "command": command,
		"text": text, "api_app_id": s.config.AppID, "is_enterprise_install": "false",
		"response_url": v.ResponseURL, "trigger_id": v.TriggerID,
	}
	if s.config.Enterprise != "" {
		payload["enterprise_id"] = s.config.Enterprise
	}
	s.mu.Unlock()
	id, err := s.Envelope("slash_commands", payload, nil)
	if err != nil {
		return Invocation{}, fmt.Errorf("type %s: %w", command, err)
	}
	v.EnvelopeID = id
	return v, nil
}

// Buttons returns the action ids of the message's buttons, in their order.
func (m *Message) Buttons() []string {
	var ids []string
	for _, b := range blocks(m.Blocks) {
		if b["type"] != "actions" {
			continue
		}
		var actions struct {
			Elements []struct {
				ActionID string `json:"action_id"`
			} `json:"elements"`
		}
		if json.Unmarshal(asJSON(b), &actions) == nil {
			for _, e := range actions.Elements {
				ids = append(ids, e.ActionID)
			}
		}
	}
	return ids
}

// Button returns the action id of the message's button with that label; empty
// where there is none.
func (m *Message) Button(label string) string { return button(m.Blocks, label) }

// Button returns the action id of the view's button with that label; empty where
// there is none.
func (v *View) Button(label string) string { return button(v.Blocks, label) }

func button(data json.RawMessage, label string) string {
	for _, e := range elements(data) {
		text, _ := e["text"].(map[string]any)
		if e["type"] == "button" && text["text"] == label {
			id, _ := e["action_id"].(string)
			return id
		}
	}
	return ""
}
