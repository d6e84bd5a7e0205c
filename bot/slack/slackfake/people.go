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
	s.Event(s.inner("app_mention", m, nil))
	return m.TS
}

// DM lets a person write to the app directly and returns channel and ts.
// docs.slack.dev/reference/events/message.im.
func (s *Server) DM(user, text string) (channel, ts string) {
	channel = "D" + strings.TrimPrefix(user, "U")
	m := s.said(channel, "", Message{User: user, Text: text})
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
	channel := "D" + strings.TrimPrefix(user, "U")
	s.mu.Lock()
	m := &Message{Channel: channel, Text: text}
	s.channel(channel)
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
	c.messages = append(c.messages, &m)
	s.touch()
	return &m
}

// inner is a message as an event.
func (s *Server) inner(kind string, m *Message, more map[string]any) map[string]any {
	e := map[string]any{
		"type": kind, "user": m.User, "text": m.Text, "ts": m.TS, "event_ts": m.TS, "channel": m.Channel, "team": s.config.Team,
		"blocks": []any{map[string]any{"type": "rich_text", "block_id": "b1", "elements": []any{map[string]any{
			"type": "rich_text_section", "elements": []any{map[string]any{"type": "text", "text": unescape(m.Text) + " "}},
		}}}},
	}
	if m.ThreadTS != "" {
		e["thread_ts"] = m.ThreadTS
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
	s.channel(channel)
	v := Invocation{TriggerID: s.newID("trigger"), ResponseURL: s.newResponse(channel, user)}
	s.mu.Unlock()
	id, err := s.Envelope("slash_commands", map[string]any{
		"token": "verification", "team_id": s.config.Team, "team_domain": "workspace", "channel_id": channel,
		"channel_name": strings.ToLower(channel), "user_id": user, "user_name": strings.ToLower(user), "command": command,
		"text": text, "api_app_id": s.config.AppID, "is_enterprise_install": "false",
		"response_url": v.ResponseURL, "trigger_id": v.TriggerID,
	}, nil)
	if err != nil {
		return Invocation{}, fmt.Errorf("type %s: %w", command, err)
	}
	v.EnvelopeID = id
	return v, nil
}

// Press lets a person press a button, named by its action_id, of a message the
// app has posted or shown. docs.slack.dev/reference/interaction-payloads/block_actions-payload.
func (s *Server) Press(ts, actionID, user string) (Invocation, error) {
	m, button := s.button(ts, actionID)
	if button == nil {
		return Invocation{}, fmt.Errorf("press %s of message %s: no such button", actionID, ts)
	}
	s.mu.Lock()
	v := Invocation{TriggerID: s.newID("trigger"), ActionTS: s.newTS(), ResponseURL: s.newResponse(m.Channel, user)}
	s.mu.Unlock()
	button["action_ts"] = v.ActionTS
	container := map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.ShownTo != ""}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload := map[string]any{
		"type": "block_actions", "token": "verification", "api_app_id": s.config.AppID, "trigger_id": v.TriggerID,
		"team": map[string]any{"id": s.config.Team, "domain": "workspace"}, "user": map[string]any{"id": user, "username": strings.ToLower(user), "team_id": s.config.Team},
		"channel": map[string]any{"id": m.Channel, "name": strings.ToLower(m.Channel)}, "container": container,
		"actions": []any{button}, "response_url": v.ResponseURL,
		"state": map[string]any{"values": map[string]any{}},
	}
	if m.ShownTo == "" {
		payload["message"] = m.wire(false)
	}
	id, err := s.Envelope("interactive", payload, nil)
	if err != nil {
		return Invocation{}, fmt.Errorf("press %s: %w", actionID, err)
	}
	v.EnvelopeID = id
	return v, nil
}

// button finds a button in a message of the app.
func (s *Server) button(ts, actionID string) (Message, map[string]any) {
	for _, m := range append(s.Posts(), s.Ephemerals()...) {
		if m.TS != ts {
			continue
		}
		for i, b := range blocks(m.Blocks) {
			elements, _ := b["elements"].([]any)
			for _, e := range elements {
				if e, ok := e.(map[string]any); ok && b["type"] == "actions" && e["action_id"] == actionID {
					if e["block_id"] = b["block_id"]; b["block_id"] == nil {
						e["block_id"] = fmt.Sprintf("b%d", i)
					}
					return m, e
				}
			}
		}
	}
	return Message{}, nil
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
