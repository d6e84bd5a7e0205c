package slackfake

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
	"unicode/utf8"
)

// agent is what the agent surface shows: docs.slack.dev/ai/agent-sessions.
type agent struct {
	prompts  map[string][]Prompt // by channel and thread
	status   map[string]status
	statuses map[string][]string // session states, in their order, by channel and thread
	titles   map[string]string
}

// status is the line that says what the app is doing.
type status struct {
	text string
	at   time.Time
}

// statusLife is how long a status stands: platform-contracts §1.7.
const statusLife = 2 * time.Minute

// Prompt is a question that is suggested to a person.
type Prompt struct {
	Title   string `json:"title"`
	Message string `json:"message"`
}

// Prompts returns the questions that are suggested in a thread of a direct
// conversation; the thread is empty where the conversation has none yet.
func (s *Server) Prompts(channel, thread string) []Prompt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.agent.prompts[channel+"/"+thread])
}

// Status returns the status line of a thread.
func (s *Server) Status(channel, thread string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.agent.status[channel+"/"+thread]
	if s.config.Now().Sub(st.at) > statusLife {
		return ""
	}
	return st.text
}

// Sessions returns the states that the session of a thread went through.
func (s *Server) Sessions(channel, thread string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.agent.statuses[channel+"/"+thread])
}

// Title returns the title of a session.
func (s *Server) Title(channel, thread string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agent.titles[channel+"/"+thread]
}

const (
	maxPrompts = 4   // docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
	maxTitle   = 200 // docs.slack.dev/reference/methods/agents.sessions.rename
)

// setPrompts is docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts.
func (s *Server) setPrompts(params map[string]any) result {
	c, code := s.agentChannel(params)
	if code != "" {
		return failed(code)
	}
	var prompts []Prompt
	if json.Unmarshal(raw(params, "prompts"), &prompts) != nil || len(prompts) == 0 || len(prompts) > maxPrompts {
		return failed("invalid_arguments")
	}
	for _, p := range prompts {
		if p.Title == "" || p.Message == "" {
			return failed("invalid_arguments")
		}
	}
	s.agent.prompts[c.id+"/"+str(params, "thread_ts")] = prompts
	return ok(nil)
}

// agentChannel is the conversation of an agent method.
func (s *Server) agentChannel(params map[string]any) (*channel, string) {
	if s.config.NoAgent {
		return nil, "not_agent_app"
	}
	return s.reach(str(params, "channel_id"))
}

// setStatus is docs.slack.dev/reference/methods/assistant.threads.setStatus.
func (s *Server) setStatus(params map[string]any) result {
	c, code := s.agentChannel(params)
	switch {
	case code != "":
		return failed(code)
	case str(params, "thread_ts") == "":
		return failed("invalid_thread_ts")
	}
	if s.agent.status == nil {
		s.agent.status = map[string]status{}
	}
	s.agent.status[c.id+"/"+str(params, "thread_ts")] = status{str(params, "status"), s.config.Now()}
	return ok(nil)
}

// setTitle is docs.slack.dev/reference/methods/assistant.threads.setTitle.
func (s *Server) setTitle(params map[string]any) result {
	c, code := s.agentChannel(params)
	if code != "" {
		return failed(code)
	}
	return s.title(c.id+"/"+str(params, "thread_ts"), str(params, "title"))
}

func (s *Server) title(session, title string) result {
	if title == "" || utf8.RuneCountInString(title) > maxTitle {
		return failed("invalid_arguments")
	}
	s.agent.titles[session] = title
	return ok(map[string]any{"title": title})
}

// setSession is docs.slack.dev/reference/methods/agents.sessions.setStatus: the
// title counts for a new session only.
func (s *Server) setSession(params map[string]any) result {
	c, code := s.agentChannel(params)
	state := str(params, "status")
	switch {
	case code != "":
		return failed(code)
	case str(params, "thread_ts") == "":
		return failed("thread_ts_required")
	case !slices.Contains([]string{"active", "processing", "suspended", "closed"}, state):
		return failed("invalid_arguments")
	}
	session := c.id + "/" + str(params, "thread_ts")
	if title := str(params, "title"); title != "" && len(s.agent.statuses[session]) == 0 {
		if res := s.title(session, title); res.err != "" {
			return res
		}
	}
	s.agent.statuses[session] = append(s.agent.statuses[session], state)
	return ok(map[string]any{"status": state, "agent_status": state, "title": s.agent.titles[session]})
}

// renameSession is docs.slack.dev/reference/methods/agents.sessions.rename.
func (s *Server) renameSession(params map[string]any) result {
	c, code := s.agentChannel(params)
	if code != "" {
		return failed(code)
	}
	return s.title(c.id+"/"+str(params, "thread_ts"), str(params, "title"))
}

// StopSession lets a person press stop while the app is working in a thread:
// its streams end, and the app is told.
// docs.slack.dev/reference/events/agent_session_stopped.
func (s *Server) StopSession(channel, thread, user string) {
	s.mu.Lock()
	stopped := []string{}
	for _, key := range slices.Sorted(maps.Keys(s.streams)) {
		if st := s.streams[key]; !st.stopped && st.message.Channel == channel && st.message.ThreadTS == thread {
			st.stopped, st.byUser = true, true
			stopped = append(stopped, st.message.TS)
		}
	}
	s.mu.Unlock()
	s.Event(map[string]any{
		"type": "agent_session_stopped", "channel": channel, "thread_ts": thread, "user": user, "streaming_message_ts": stopped,
		"event_ts": s.stamp(),
	})
}

// OpenHome lets a person open a tab of the app: "home" or "messages".
// docs.slack.dev/reference/events/app_home_opened.
func (s *Server) OpenHome(user, tab string) (channel string) {
	s.mu.Lock()
	channel = s.directChannel(user).id
	e := map[string]any{"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": s.newTS()}
	if home := s.home(user); home != nil && tab == "home" {
		e["view"] = home.wire()
	}
	s.mu.Unlock()
	s.Event(e)
	return channel
}

// stamp returns a timestamp.
func (s *Server) stamp() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newTS()
}
