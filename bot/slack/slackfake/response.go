package slackfake

import (
	"io"
	"net/http"
	"slices"
	"time"
)

// response is a response address. docs.slack.dev/interactivity/handling-user-
// interaction#message_responses: five uses within 30 minutes.
type response struct {
	channel, user string
	original      string // ts of the message that the person acted on; empty for none
	until         time.Time
	uses          int
}

const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// newResponse makes a response address. s.mu is held.
func (s *Server) newResponse(channel, user string) string { return s.newResponseTo(channel, user, "") }

// newResponseTo is newResponse for an act on a message of the app. s.mu is held.
func (s *Server) newResponseTo(channel, user, original string) string {
	id := s.newID("R")
	s.responses[id] = &response{channel: channel, user: user, original: original, until: s.config.Now().Add(responseLife)}
	return s.base + "/response/" + id
}

// serveResponse serves the response addresses.
func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	params, _, err := readParams(w, r)
	if err != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{Method: "response_url", Params: params, At: s.config.Now()})
	s.touch()
	s.mu.Unlock()
	fault, faulty := s.takeFault("response_url")
	if faulty && !fault.Store {
		s.fail(w, r, fault)
		return
	}
	code := s.respond(r.PathValue("id"), params)
	switch {
	case faulty:
		s.fail(w, r, fault)
	case code == "used_url" || code == "expired_url":
		http.Error(w, code, http.StatusNotFound)
	case code != "":
		http.Error(w, code, http.StatusBadRequest)
	default:
		_, _ = io.WriteString(w, "ok") // the client may be gone
	}
}

// respond uses a response address.
func (s *Server) respond(id string, params map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	to := s.responses[id]
	switch {
	case to == nil || s.config.Now().After(to.until):
		return "expired_url"
	case to.uses >= responseUses:
		return "used_url"
	}
	if truth(params, "delete_original", false) || truth(params, "replace_original", false) {
		return s.rewrite(to, params)
	}
	m, res := s.read(params)
	if res.err != "" {
		return res.err
	}
	to.uses++
	m.Channel, m.ThreadTS = to.channel, str(params, "thread_ts")
	s.sign(&m)
	if str(params, "response_type") == "in_channel" {
		c := s.channel(to.channel)
		c.messages = append(c.messages, &m)
		return ""
	}
	m.ShownTo = to.user
	s.ephemerals = append(s.ephemerals, m)
	return ""
}

// rewrite replaces or deletes the message that the person acted on.
// docs.slack.dev/interactivity/handling-user-interaction#updating_message_response.
func (s *Server) rewrite(to *response, params map[string]any) string {
	to.uses++
	gone := truth(params, "delete_original", false)
	m, res := s.read(params)
	if res.err != "" && !gone {
		return res.err
	}
	rewrite := func(old *Message) { old.Text, old.Blocks, old.Edited = m.Text, m.Blocks, true }
	if c := s.channels[to.channel]; c != nil {
		if old := c.find(to.original); old != nil && !gone {
			rewrite(old)
			return ""
		}
		c.messages = slices.DeleteFunc(c.messages, func(o *Message) bool { return gone && o.TS == to.original })
	}
	for i := range s.ephemerals {
		if s.ephemerals[i].TS != to.original {
			continue
		}
		if gone {
			s.ephemerals[i].Deleted = true
			return ""
		}
		rewrite(&s.ephemerals[i])
	}
	return ""
}
