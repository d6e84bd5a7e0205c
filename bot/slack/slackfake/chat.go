package slackfake

import (
	"encoding/json"
	"slices"
)

// reach finds a channel that the bot may speak in.
// docs.slack.dev/reference/methods/chat.postMessage#errors.
func (s *Server) reach(id string) (*channel, string) {
	c := s.channels[id]
	if c == nil {
		// A person's id stands for the direct conversation with that person.
		if _, known := s.users[id]; known {
			return s.directChannel(id), ""
		}
	}
	switch {
	case c == nil:
		return nil, "channel_not_found"
	case c.archived:
		return nil, "is_archived"
	case c.outside:
		return nil, "not_in_channel"
	}
	return c, ""
}

// postMessage is docs.slack.dev/reference/methods/chat.postMessage.
func (s *Server) postMessage(params map[string]any) result {
	c, code := s.reach(str(params, "channel"))
	if code != "" {
		return failed(code)
	}
	m, res := s.read(params)
	if res.err != "" {
		return res
	}
	m.Channel, m.ThreadTS = c.id, str(params, "thread_ts")
	if m.ThreadTS != "" && !isTS(m.ThreadTS) {
		return failed("invalid_thread_ts")
	}
	s.sign(&m)
	c.messages = append(c.messages, &m)
	delete(s.agent.status, c.id+"/"+m.ThreadTS) // a message clears the status
	return ok(map[string]any{"channel": c.id, "ts": m.TS, "message": m.wire(true)})
}

// sign makes m a message of the app.
func (s *Server) sign(m *Message) {
	m.TS = s.newTS()
	m.User, m.BotID, m.AppID = s.config.BotUser, s.config.BotID, s.config.AppID
}

// postEphemeral is docs.slack.dev/reference/methods/chat.postEphemeral.
func (s *Server) postEphemeral(params map[string]any) result {
	c, code := s.reach(str(params, "channel"))
	if code != "" {
		return failed(code)
	}
	user := str(params, "user")
	if user == "" {
		return failed("user_not_in_channel")
	}
	m, res := s.read(params)
	if res.err != "" {
		return res
	}
	m.Channel, m.ThreadTS, m.ShownTo = c.id, str(params, "thread_ts"), user
	s.sign(&m)
	s.ephemerals = append(s.ephemerals, m)
	return ok(map[string]any{"message_ts": m.TS})
}

// update is docs.slack.dev/reference/methods/chat.update.
func (s *Server) update(params map[string]any) result {
	c, code := s.reach(str(params, "channel"))
	if code != "" {
		return failed(code)
	}
	old := c.find(str(params, "ts"))
	switch {
	case old == nil:
		return failed("message_not_found")
	case old.AppID != s.config.AppID:
		return failed("cant_update_message")
	case s.streaming(c.id, old.TS):
		// platform-contracts §1.7.
		return failed("streaming_state_conflict")
	}
	m, res := s.read(params)
	if res.err != "" {
		return res
	}
	// platform-contracts §1.8: chat.update refuses what chat.postMessage cuts.
	if size(m.Text) > 4000 {
		return failed("msg_too_long")
	}
	old.Text, old.Blocks, old.Edited = m.Text, m.Blocks, true
	if m.Metadata != nil {
		old.Metadata = m.Metadata
	}
	return ok(map[string]any{"channel": c.id, "ts": old.TS, "text": old.Text, "message": old.wire(true)})
}

// deleteMessage is docs.slack.dev/reference/methods/chat.delete.
func (s *Server) deleteMessage(params map[string]any) result {
	c, code := s.reach(str(params, "channel"))
	if code != "" {
		return failed(code)
	}
	old := c.find(str(params, "ts"))
	switch {
	case old == nil:
		return failed("message_not_found")
	case old.AppID != s.config.AppID:
		return failed("cant_delete_message")
	}
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m == old })
	return ok(map[string]any{"channel": c.id, "ts": old.TS})
}

// unfurl is docs.slack.dev/reference/methods/chat.unfurl: previews for the links
// of a message that the app was told of, by channel and ts or by unfurl_id.
func (s *Server) unfurl(params map[string]any) result {
	var unfurls map[string]json.RawMessage
	if json.Unmarshal(raw(params, "unfurls"), &unfurls) != nil || len(unfurls) == 0 {
		return failed("missing_unfurls")
	}
	channelID, ts := str(params, "channel"), str(params, "ts")
	c := s.channels[channelID]
	var m *Message
	if c != nil {
		m = c.find(ts)
	}
	if m == nil {
		return failed("cannot_find_message")
	}
	if m.Unfurls == nil {
		m.Unfurls = map[string]json.RawMessage{}
	}
	for link, preview := range unfurls {
		if !slices.Contains(m.Links, link) {
			return failed("cannot_unfurl_url")
		}
		var body struct {
			Blocks json.RawMessage `json:"blocks"`
		}
		if json.Unmarshal(preview, &body) != nil || len(checkBlocks(body.Blocks, inMessage)) > 0 {
			return failed("invalid_unfurls_format")
		}
		m.Unfurls[link] = body.Blocks
	}
	return ok(nil)
}

// read reads a message from the parameters of the three chat methods.
func (s *Server) read(params map[string]any) (Message, result) {
	m := Message{
		Text: str(params, "text"), Parse: str(params, "parse"), LinkNames: truth(params, "link_names", false),
		UnfurlLinks: truth(params, "unfurl_links", true), UnfurlMedia: truth(params, "unfurl_media", true),
	}
	// docs.slack.dev/reference/methods/chat.postMessage: text over 40,000
	// characters is truncated.
	if runes := []rune(m.Text); len(runes) > 40_000 {
		m.Text = string(runes[:40_000])
	}
	m.Blocks = raw(params, "blocks")
	if faults := checkBlocks(m.Blocks, inMessage); len(faults) > 0 {
		if faults[0] == tooLong {
			return m, failed(tooLong)
		}
		return m, result{err: "invalid_blocks", fields: map[string]any{
			"errors": faults, "response_metadata": map[string]any{"messages": faults},
		}}
	}
	if m.Text == "" && len(m.Blocks) == 0 {
		return m, failed("no_text")
	}
	if data := raw(params, "metadata"); data != nil {
		if code := checkMetadata(data); code != "" {
			return m, failed(code)
		}
		m.Metadata = data
	}
	return m, result{}
}

// checkMetadata is docs.slack.dev/messaging/message-metadata.
func checkMetadata(data json.RawMessage) string {
	var meta struct {
		EventType    string         `json:"event_type"`
		EventPayload map[string]any `json:"event_payload"`
	}
	switch {
	case len(data) > 8000:
		return "metadata_too_large"
	case json.Unmarshal(data, &meta) != nil:
		return "invalid_metadata_format"
	case meta.EventType == "" || meta.EventPayload == nil:
		return "invalid_metadata_schema"
	}
	return ""
}
