package slackfake

import (
	"encoding/json"
	"slices"
	"time"
)

// stream is a message that is being written.
type stream struct {
	message *Message
	begun   time.Time
	stopped bool // by its app, or by the person
	byUser  bool
}

// streamLife is how long a stream may run: platform-contracts §1.7.
const streamLife = 5 * time.Minute

// streaming says whether a message is being written. s.mu is held.
func (s *Server) streaming(channel, ts string) bool {
	st := s.streams[channel+"/"+ts]
	return st != nil && !st.stopped && s.config.Now().Sub(st.begun) < streamLife
}

// Streaming returns the messages that are being written still.
func (s *Server) Streaming() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []Message
	for _, st := range s.streams {
		if !st.stopped {
			open = append(open, *st.message)
		}
	}
	return open
}

// startStream is docs.slack.dev/reference/methods/chat.startStream: a message
// that grows. In a channel it is for one person, and a direct conversation wants
// a thread.
func (s *Server) startStream(params map[string]any) result {
	c, code := s.reach(str(params, "channel"))
	switch {
	case s.config.NoAgent:
		return failed("not_agent_app")
	case code != "":
		return failed(code)
	case str(params, "thread_ts") == "" && direct(c.id):
		return failed("invalid_arguments")
	case !direct(c.id) && str(params, "recipient_user_id") == "":
		return failed("missing_recipient_user_id")
	case !direct(c.id) && str(params, "recipient_team_id") == "":
		return failed("missing_recipient_team_id")
	}
	m := &Message{Channel: c.id, ThreadTS: str(params, "thread_ts")}
	if res := grow(m, params); res.err != "" {
		return res
	}
	s.sign(m)
	c.messages = append(c.messages, m)
	s.streams[c.id+"/"+m.TS] = &stream{message: m, begun: s.config.Now()}
	delete(s.agent.status, c.id+"/"+m.ThreadTS)
	return ok(map[string]any{"channel": c.id, "ts": m.TS})
}

// appendStream is docs.slack.dev/reference/methods/chat.appendStream.
func (s *Server) appendStream(params map[string]any) result {
	st, code := s.openStream(params)
	if code != "" {
		return failed(code)
	}
	if res := grow(st.message, params); res.err != "" {
		return res
	}
	return ok(map[string]any{"channel": st.message.Channel, "ts": st.message.TS})
}

// stopStream is docs.slack.dev/reference/methods/chat.stopStream: the last words,
// the blocks and the metadata.
func (s *Server) stopStream(params map[string]any) result {
	st, code := s.openStream(params)
	if code != "" {
		return failed(code)
	}
	if res := grow(st.message, params); res.err != "" {
		return res
	}
	if data := raw(params, "metadata"); data != nil {
		if code := checkMetadata(data); code != "" {
			return failed(code)
		}
		st.message.Metadata = data
	}
	st.stopped = true
	return ok(map[string]any{"channel": st.message.Channel, "ts": st.message.TS, "message": st.message.wire(true)})
}

// openStream finds the stream of a call.
func (s *Server) openStream(params map[string]any) (*stream, string) {
	c, code := s.reach(str(params, "channel"))
	if code != "" {
		return nil, code
	}
	st := s.streams[c.id+"/"+str(params, "ts")]
	switch {
	case st == nil:
		return nil, "message_not_found"
	case st.byUser:
		return nil, "stopped_by_user"
	case st.stopped || s.config.Now().Sub(st.begun) >= streamLife:
		return nil, "message_not_in_streaming_state"
	}
	return st, ""
}

// grow adds to a message what a call of a stream method brings: markdown_text,
// or chunks, or, at the end, blocks.
func grow(m *Message, params map[string]any) result {
	text := str(params, "markdown_text")
	if size(text) > maxMarkdown {
		return failed("msg_too_long")
	}
	m.Text += text
	var chunks []struct {
		Type   string            `json:"type"`
		Text   string            `json:"text"`
		Blocks []json.RawMessage `json:"blocks"`
	}
	if data := raw(params, "chunks"); data != nil {
		if text != "" || json.Unmarshal(data, &chunks) != nil {
			return failed("invalid_chunks")
		}
	}
	var all []json.RawMessage
	if m.Blocks != nil && json.Unmarshal(m.Blocks, &all) != nil {
		return failed("invalid_blocks")
	}
	for _, k := range chunks {
		switch k.Type {
		case "markdown_text":
			m.Text += k.Text
		case "blocks":
			all = append(all, k.Blocks...)
		case "task_update", "plan_update":
		default:
			return failed("invalid_chunks")
		}
	}
	var more []json.RawMessage
	if data := raw(params, "blocks"); data != nil {
		if json.Unmarshal(data, &more) != nil {
			return failed("invalid_blocks")
		}
	}
	if all = slices.Concat(all, more); len(all) > 0 {
		data := asJSON(all)
		if faults := checkBlocks(data, inMessage); len(faults) > 0 {
			if faults[0] == tooLong {
				return failed(tooLong)
			}
			return result{err: "invalid_blocks", fields: map[string]any{"errors": faults}}
		}
		m.Blocks = data
	}
	return result{}
}
