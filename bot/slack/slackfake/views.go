package slackfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// View is a modal, or what a person has on the app's home tab.
// docs.slack.dev/surfaces/modals, docs.slack.dev/surfaces/app-home.
type View struct {
	ID, Hash, Type, CallbackID string
	// User sees it; Root and Previous are the views it lies on.
	User, Root, Previous string
	// Title, Submit and Close are the words of a modal's frame.
	Title, Submit, Close string
	Blocks               json.RawMessage
	PrivateMetadata      string
	ExternalID           string
	// State is what the person has entered: block_id, action_id, value.
	State map[string]map[string]any
	// Errors are what the app said of the last submission, by block_id.
	Errors map[string]string
	serial int
}

// wire returns the view as the Web API shows it.
func (v *View) wire() map[string]any {
	var blocks any = []any{}
	if v.Blocks != nil {
		blocks = v.Blocks
	}
	w := map[string]any{
		"id": v.ID, "hash": v.Hash, "type": v.Type, "callback_id": v.CallbackID, "blocks": blocks,
		"private_metadata": v.PrivateMetadata, "root_view_id": v.Root, "external_id": v.ExternalID,
		"state": map[string]any{"values": v.entered()},
	}
	if v.Previous != "" {
		w["previous_view_id"] = v.Previous
	}
	if v.Type == "modal" {
		w["title"] = map[string]any{"type": "plain_text", "text": v.Title}
	}
	return w
}

// entered returns a copy of what was entered: what is sent is written down while
// people go on.
func (v *View) entered() map[string]map[string]any {
	values := make(map[string]map[string]any, len(v.State))
	for block, actions := range v.State {
		values[block] = maps.Clone(actions)
	}
	return values
}

// Visible returns what a person reads in the view, as plain text.
func (v *View) Visible() string {
	return (&Message{Text: v.Title, Blocks: v.Blocks}).Visible()
}

// Harm is [Message.Harm] for a view.
func (v *View) Harm() []string { return (&Message{Blocks: v.Blocks}).Harm() }

// trigger is what a gesture gives the app to open a modal with.
type trigger struct {
	user  string
	until time.Time
	used  bool
}

const (
	maxStack = 3         // docs.slack.dev/surfaces/modals
	maxView  = 250 << 10 // docs.slack.dev/reference/methods/views.open#errors
)

// newTrigger makes a trigger id. s.mu is held.
func (s *Server) newTrigger(user string) string {
	id := s.newID("trigger")
	s.triggers[id] = &trigger{user: user, until: s.config.Now().Add(s.config.TriggerLife)}
	return id
}

// exchange takes a trigger id in.
func (s *Server) exchange(id string) (user, code string) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return "", "invalid_trigger_id"
	case t.used:
		return "", "exchanged_trigger_id"
	case s.config.Now().After(t.until):
		return "", "expired_trigger_id"
	}
	t.used = true
	return t.user, ""
}

// readView reads a view from the parameters of a views method.
func (s *Server) readView(params map[string]any, kind string) (*View, result) {
	data := raw(params, "view")
	var wire struct {
		Type            string          `json:"type"`
		CallbackID      string          `json:"callback_id"`
		Blocks          json.RawMessage `json:"blocks"`
		PrivateMetadata string          `json:"private_metadata"`
		ExternalID      string          `json:"external_id"`
		Title           map[string]any  `json:"title"`
		Submit          map[string]any  `json:"submit"`
		Close           map[string]any  `json:"close"`
	}
	bad := func(faults ...string) (*View, result) {
		return nil, result{err: "invalid_arguments", fields: map[string]any{"response_metadata": map[string]any{"messages": faults}}}
	}
	switch {
	case len(data) > maxView:
		return nil, failed("view_too_large")
	case json.Unmarshal(data, &wire) != nil:
		return bad("[ERROR] the view is no object")
	case wire.Type != kind:
		return bad(fmt.Sprintf("[ERROR] type must be %s, got %q", kind, wire.Type))
	}
	c := &checker{ids: map[string]bool{}, where: inView}
	if kind == "modal" {
		c.text("/title", wire.Title, 24, "plain_text")
		if wire.Submit != nil {
			c.text("/submit", wire.Submit, 24, "plain_text")
		}
		if wire.Close != nil {
			c.text("/close", wire.Close, 24, "plain_text")
		}
	}
	c.total = 0
	c.view(wire.Blocks, kind == "modal", wire.Submit != nil)
	if size(wire.PrivateMetadata) > 3000 {
		c.fault("/private_metadata", "must be less than 3001 characters")
	}
	if size(wire.CallbackID) > maxID {
		c.fault("/callback_id", "must be less than %d characters", maxID+1)
	}
	if len(c.faults) > 0 {
		return bad(c.faults...)
	}
	label := func(v map[string]any) string { t, _ := v["text"].(string); return t }
	return &View{
		Type: kind, CallbackID: wire.CallbackID, Blocks: wire.Blocks, PrivateMetadata: wire.PrivateMetadata, ExternalID: wire.ExternalID,
		Title: label(wire.Title), Submit: label(wire.Submit), Close: label(wire.Close), State: map[string]map[string]any{},
	}, result{}
}

// keep gives a view its id and hash and keeps it.
func (s *Server) keep(v *View) {
	if v.ID == "" {
		v.ID = s.newID("V")
		v.serial = s.serial
	}
	if v.Root == "" {
		v.Root = v.ID
	}
	v.Hash = fmt.Sprintf("%d.%s", s.config.Now().Unix(), s.newID("h"))
	s.views[v.ID] = v
}

func shownView(v *View) result { return ok(map[string]any{"view": v.wire()}) }

// openView is docs.slack.dev/reference/methods/views.open.
func (s *Server) openView(params map[string]any) result {
	v, res := s.readView(params, "modal")
	if res.err != "" {
		return res
	}
	user, code := s.exchange(str(params, "trigger_id"))
	if code != "" {
		return failed(code)
	}
	v.User = user
	s.keep(v)
	return shownView(v)
}

// pushView is docs.slack.dev/reference/methods/views.push: onto the person's
// topmost view.
func (s *Server) pushView(params map[string]any) result {
	v, res := s.readView(params, "modal")
	if res.err != "" {
		return res
	}
	user, code := s.exchange(str(params, "trigger_id"))
	if code != "" {
		return failed(code)
	}
	stack := s.modals(user)
	switch {
	case len(stack) == 0:
		return failed("not_found")
	case len(stack) >= maxStack:
		return failed("push_limit_reached")
	}
	top := stack[len(stack)-1]
	v.User, v.Root, v.Previous = user, top.Root, top.ID
	s.keep(v)
	return shownView(v)
}

// updateView is docs.slack.dev/reference/methods/views.update: hash_conflict
// where the view has changed since.
func (s *Server) updateView(params map[string]any) result {
	old := s.views[str(params, "view_id")]
	if external := str(params, "external_id"); old == nil && external != "" {
		for _, v := range s.views {
			if v.ExternalID == external {
				old = v
			}
		}
	}
	if old == nil {
		return failed("not_found")
	}
	v, res := s.readView(params, old.Type)
	if res.err != "" {
		return res
	}
	if hash := str(params, "hash"); hash != "" && hash != old.Hash {
		return failed("hash_conflict")
	}
	s.replace(old, v)
	return shownView(v)
}

// replace puts a view in another's place: what was entered stays where block_id
// and action_id stay.
func (s *Server) replace(old, v *View) {
	v.ID, v.User, v.Root, v.Previous, v.serial, v.State = old.ID, old.User, old.Root, old.Previous, old.serial, old.State
	s.keep(v)
}

// publishView is docs.slack.dev/reference/methods/views.publish.
func (s *Server) publishView(params map[string]any) result {
	v, res := s.readView(params, "home")
	if res.err != "" {
		return res
	}
	user := str(params, "user_id")
	if _, known := s.person(user); !known {
		return failed("invalid_arguments")
	}
	if old := s.home(user); old != nil {
		if hash := str(params, "hash"); hash != "" && hash != old.Hash {
			return failed("hash_conflict")
		}
		v.ID = old.ID
	}
	v.User = user
	s.keep(v)
	return shownView(v)
}

// home returns what a person has on the home tab. s.mu is held.
func (s *Server) home(user string) *View {
	for _, v := range s.views {
		if v.Type == "home" && v.User == user {
			return v
		}
	}
	return nil
}

// modals returns a person's modals, the topmost last. s.mu is held.
func (s *Server) modals(user string) []*View {
	var stack []*View
	for _, v := range s.views {
		if v.Type == "modal" && v.User == user {
			stack = append(stack, v)
		}
	}
	slices.SortFunc(stack, func(a, b *View) int { return a.serial - b.serial })
	return stack
}

// Home returns what a person has on the app's home tab.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.home(user); v != nil {
		return v.clone(), true
	}
	return View{}, false
}

// Modals returns the modals a person has open, the topmost last.
func (s *Server) Modals(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []View
	for _, v := range s.modals(user) {
		all = append(all, v.clone())
	}
	return all
}

func (v *View) clone() View {
	c := *v
	c.State, c.Errors = maps.Clone(v.State), maps.Clone(v.Errors)
	return c
}
