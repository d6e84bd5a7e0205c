package slackfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// interaction is what all interaction payloads have.
// docs.slack.dev/reference/interaction-payloads.
func (s *Server) interaction(kind, user string, more map[string]any) map[string]any {
	team := s.config.Team
	if u := s.users[user]; u != nil && u.Team != "" {
		team = u.Team
	}
	payload := map[string]any{
		"type": kind, "token": "verification", "api_app_id": s.config.AppID, "action_ts": s.newTS(),
		"team":       map[string]any{"id": s.config.Team, "domain": "workspace"},
		"user":       map[string]any{"id": user, "username": strings.ToLower(user), "team_id": team},
		"enterprise": nil, "is_enterprise_install": false,
	}
	if s.config.Enterprise != "" {
		payload["enterprise"] = map[string]any{"id": s.config.Enterprise, "name": "Enterprise"}
	}
	maps.Copy(payload, more)
	return payload
}

// MessageShortcut lets a person use a shortcut of a message's menu.
// docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload.
func (s *Server) MessageShortcut(callbackID, channel, ts, user string) (Invocation, error) {
	s.mu.Lock()
	c := s.channels[channel]
	var m *Message
	if c != nil {
		m = c.find(ts)
	}
	if m == nil {
		s.mu.Unlock()
		return Invocation{}, fmt.Errorf("use %s: no message %s in %s", callbackID, ts, channel)
	}
	v := Invocation{TriggerID: s.newTrigger(user), ResponseURL: s.newResponse(channel, user)}
	payload := s.interaction("message_action", user, map[string]any{
		"callback_id": callbackID, "trigger_id": v.TriggerID, "response_url": v.ResponseURL, "message_ts": ts,
		"channel": map[string]any{"id": channel, "name": c.name}, "message": m.wire(false),
	})
	s.mu.Unlock()
	return s.gesture(payload, v)
}

// GlobalShortcut lets a person use a shortcut from anywhere: there is no
// channel, and no response address.
// docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload.
func (s *Server) GlobalShortcut(callbackID, user string) (Invocation, error) {
	s.mu.Lock()
	v := Invocation{TriggerID: s.newTrigger(user)}
	payload := s.interaction("shortcut", user, map[string]any{"callback_id": callbackID, "trigger_id": v.TriggerID})
	s.mu.Unlock()
	return s.gesture(payload, v)
}

// gesture delivers an interaction. What is acknowledged with it is applied, as
// far as it concerns a view.
func (s *Server) gesture(payload map[string]any, v Invocation) (Invocation, error) {
	id, err := s.Envelope("interactive", payload, nil)
	if err != nil {
		return Invocation{}, fmt.Errorf("deliver %v: %w", payload["type"], err)
	}
	v.EnvelopeID = id
	return v, nil
}

// Press lets a person press a button, named by its action_id, of a message the
// app has posted or shown. docs.slack.dev/reference/interaction-payloads/block_actions-payload.
func (s *Server) Press(ts, actionID, user string) (Invocation, error) {
	return s.Act(ts, actionID, user, nil)
}

// Rate lets a person press one of a message's feedback buttons.
// docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element.
func (s *Server) Rate(ts, user string, positive bool) (Invocation, error) {
	name := "negative_button"
	if positive {
		name = "positive_button"
	}
	for _, m := range append(s.Posts(), s.Ephemerals()...) {
		for _, e := range elements(m.Blocks) {
			button, _ := e[name].(map[string]any)
			if m.TS == ts && e["type"] == "feedback_buttons" && button != nil {
				id, _ := e["action_id"].(string)
				return s.Act(ts, id, user, map[string]any{"value": button["value"], "text": button["text"], name: nil, "positive_button": nil, "negative_button": nil})
			}
		}
	}
	return Invocation{}, fmt.Errorf("rate message %s: it has no feedback buttons", ts)
}

// Act lets a person use an element of a message; change is what the element
// holds then, such as selected_option.
func (s *Server) Act(ts, actionID, user string, change map[string]any) (Invocation, error) {
	m, element := s.element(ts, actionID)
	if element == nil {
		return Invocation{}, fmt.Errorf("press %s of message %s: no such element", actionID, ts)
	}
	s.mu.Lock()
	v := Invocation{TriggerID: s.newTrigger(user), ActionTS: s.newTS(), ResponseURL: s.newResponseTo(m.Channel, user, m.TS)}
	set(element, change)
	element["action_ts"] = v.ActionTS
	container := map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.ShownTo != ""}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload := s.interaction("block_actions", user, map[string]any{
		"trigger_id": v.TriggerID, "channel": map[string]any{"id": m.Channel, "name": strings.ToLower(m.Channel)},
		"container": container, "actions": []any{element}, "response_url": v.ResponseURL,
		"state": map[string]any{"values": map[string]any{}},
	})
	if m.ShownTo == "" {
		payload["message"] = m.wire(false)
	}
	s.mu.Unlock()
	return s.gesture(payload, v)
}

func set(element, change map[string]any) {
	for name, value := range change {
		if value == nil {
			delete(element, name)
			continue
		}
		element[name] = value
	}
}

// element finds an interactive element in a message of the app.
func (s *Server) element(ts, actionID string) (Message, map[string]any) {
	for _, m := range append(s.Posts(), s.Ephemerals()...) {
		if m.TS != ts {
			continue
		}
		for _, e := range elements(m.Blocks) {
			if e["action_id"] == actionID {
				return m, e
			}
		}
	}
	return Message{}, nil
}

// elements returns the interactive elements of blocks, with their block_id.
func elements(data json.RawMessage) []map[string]any {
	var all []map[string]any
	for i, b := range blocks(data) {
		id, _ := b["block_id"].(string)
		if id == "" {
			id = fmt.Sprintf("b%d", i)
		}
		add := func(v any) {
			if e, ok := v.(map[string]any); ok && e["action_id"] != nil {
				e["block_id"] = id
				all = append(all, e)
			}
		}
		list, _ := b["elements"].([]any)
		for _, e := range list {
			add(e)
		}
		add(b["accessory"])
		add(b["element"])
	}
	return all
}

// ActInView lets a person use an element of a view: change is what it holds
// then. docs.slack.dev/reference/interaction-payloads/block_actions-payload.
func (s *Server) ActInView(viewID, actionID string, change map[string]any) (Invocation, error) {
	s.mu.Lock()
	v := s.views[viewID]
	if v == nil {
		s.mu.Unlock()
		return Invocation{}, fmt.Errorf("press %s: no view %s", actionID, viewID)
	}
	for _, e := range elements(v.Blocks) {
		if e["action_id"] != actionID {
			continue
		}
		i := Invocation{TriggerID: s.newTrigger(v.User), ActionTS: s.newTS()}
		set(e, change)
		e["action_ts"] = i.ActionTS
		block, _ := e["block_id"].(string)
		s.enter(v, block, actionID, e)
		payload := s.interaction("block_actions", v.User, map[string]any{
			"trigger_id": i.TriggerID, "container": map[string]any{"type": "view", "view_id": v.ID},
			"view": v.wire(), "actions": []any{e}, "state": map[string]any{"values": v.entered()},
		})
		s.mu.Unlock()
		return s.gesture(payload, i)
	}
	s.mu.Unlock()
	return Invocation{}, fmt.Errorf("press %s in view %s: no such element", actionID, viewID)
}

// enter notes what a person has entered in an element of a view.
func (s *Server) enter(v *View, block, action string, e map[string]any) {
	if e["type"] == "button" {
		return
	}
	if v.State == nil {
		v.State = map[string]map[string]any{}
	}
	if v.State[block] == nil {
		v.State[block] = map[string]any{}
	}
	kept := map[string]any{"type": e["type"]}
	for _, name := range []string{"value", "selected_option", "selected_options", "selected_conversation", "selected_channel", "selected_time", "selected_date"} {
		if e[name] != nil {
			kept[name] = e[name]
		}
	}
	v.State[block][action] = kept
}

// Submit lets a person submit a modal with these values, by block_id and
// action_id; what the view offers as initial is entered where they say nothing.
// What the app answers is applied: docs.slack.dev/surfaces/modals#updating_response.
func (s *Server) Submit(viewID string, values map[string]map[string]any) (Invocation, error) {
	s.mu.Lock()
	v := s.views[viewID]
	if v == nil || v.Type != "modal" {
		s.mu.Unlock()
		return Invocation{}, fmt.Errorf("submit: no modal %s", viewID)
	}
	s.initials(v)
	for block, actions := range values {
		for action, e := range actions {
			if e, ok := e.(map[string]any); ok {
				s.enter(v, block, action, e)
			}
		}
	}
	i := Invocation{TriggerID: s.newTrigger(v.User)}
	payload := s.interaction("view_submission", v.User, map[string]any{"trigger_id": i.TriggerID, "view": v.wire(), "response_urls": []any{}})
	id := s.newID("envelope")
	s.waiting[id] = func(a Ack) { s.answerView(viewID, a.Payload) }
	s.mu.Unlock()
	i.EnvelopeID = id
	if err := s.envelope(id, "interactive", payload, nil); err != nil {
		return Invocation{}, fmt.Errorf("submit view %s: %w", viewID, err)
	}
	return i, nil
}

// initials enters what the view offers as initial.
func (s *Server) initials(v *View) {
	for _, e := range elements(v.Blocks) {
		block, _ := e["block_id"].(string)
		action, _ := e["action_id"].(string)
		if v.State[block][action] != nil {
			continue
		}
		entered := map[string]any{"type": e["type"]}
		for name, value := range e {
			if rest, found := strings.CutPrefix(name, "initial_"); found {
				if rest != "value" {
					rest = "selected_" + rest
				}
				entered[rest] = value
			}
		}
		s.enter(v, block, action, entered)
	}
}

// answerView applies what the app answered to a submission. s.mu is held.
func (s *Server) answerView(viewID string, payload json.RawMessage) {
	v := s.views[viewID]
	if v == nil {
		return
	}
	var answer struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if payload != nil && json.Unmarshal(payload, &answer) != nil {
		return // Slack shows an error and leaves the modal open
	}
	switch answer.Action {
	case "errors":
		v.Errors = answer.Errors
	case "update", "push":
		next, res := s.readView(map[string]any{"view": string(answer.View)}, "modal")
		if res.err != "" {
			return
		}
		if answer.Action == "update" {
			s.replace(v, next)
			return
		}
		next.User, next.Root, next.Previous = v.User, v.Root, v.ID
		s.keep(next)
	case "clear":
		for _, m := range s.modals(v.User) {
			delete(s.views, m.ID)
		}
	case "":
		delete(s.views, viewID)
	}
}

// CloseView lets a person close a modal. The app is told nothing unless it asked
// with notify_on_close, which the fake does not know.
func (s *Server) CloseView(viewID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.views, viewID)
}

// ShareLinks lets a person post links in a channel, and tells the app of them.
// docs.slack.dev/reference/events/link_shared.
func (s *Server) ShareLinks(channel, user string, links ...string) (ts string) {
	m := s.said(channel, "", Message{User: user, Text: "<" + strings.Join(links, "> <") + ">", Links: links})
	var shared []any
	for _, link := range links {
		_, rest, _ := strings.Cut(link, "://")
		domain, _, _ := strings.Cut(rest, "/")
		shared = append(shared, map[string]any{"url": link, "domain": domain})
	}
	s.Event(map[string]any{
		"type": "link_shared", "channel": channel, "user": user, "message_ts": m.TS, "links": shared, "source": "conversations_history",
		"unfurl_id": "unfurl-" + m.TS, "is_bot_user_member": true, "event_ts": s.stamp(),
	})
	return m.TS
}
