package slackfake

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// result is a method's answer: its fields, or its error code.
type result struct {
	fields map[string]any
	err    string
}

func ok(fields map[string]any) result { return result{fields: fields} }
func failed(code string) result       { return result{err: code} }

// scopes are the scopes that methods need, one of each list.
// docs.slack.dev/reference/methods names them per method.
func scopesOf(method, channel string) []string {
	switch method {
	case "chat.postMessage", "chat.postEphemeral", "chat.update":
		return []string{"chat:write"}
	case "conversations.history", "conversations.replies":
		if strings.HasPrefix(channel, "D") {
			return []string{"im:history"}
		}
		return []string{"channels:history", "groups:history"}
	case "conversations.info":
		return []string{"channels:read", "groups:read", "im:read"}
	case "users.info":
		return []string{"users:read"}
	}
	return nil
}

// serveMethod serves the Web API. docs.slack.dev/apis/web-api: forms or JSON in,
// 200 with JSON out, errors as {"ok":false,"error":"…"}.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request) {
	method := r.PathValue("method")
	params, token, err := readParams(w, r)
	if err != nil {
		s.answer(w, failed("invalid_form_data"))
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{Method: method, Params: params, At: s.config.Now()})
	s.touch()
	s.mu.Unlock()
	fault, faulty := s.takeFault(method)
	if faulty && !fault.Store {
		s.fail(w, r, fault)
		return
	}
	res := s.call(method, params, token)
	if faulty {
		s.fail(w, r, fault)
		return
	}
	s.answer(w, res)
}

func (s *Server) answer(w http.ResponseWriter, res result) {
	body := map[string]any{"ok": res.err == ""}
	maps.Copy(body, res.fields)
	if res.err != "" {
		body["error"] = res.err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(asJSON(body)) // the client may be gone
}

// maxBody bounds what the fake reads of a request.
const maxBody = 8 << 20

// readParams reads parameters from a form or a JSON body, and the token from
// its header or, in a form, from the parameter.
func readParams(w http.ResponseWriter, r *http.Request) (params map[string]any, token string, err error) {
	params = map[string]any{}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, "", fmt.Errorf("read the body: %w", err)
		}
		if len(data) > 0 && string(data) != "null" {
			if err := json.Unmarshal(data, &params); err != nil {
				return nil, "", fmt.Errorf("read the body: %w", err)
			}
		}
	} else {
		if err := r.ParseForm(); err != nil {
			return nil, "", fmt.Errorf("read the form: %w", err)
		}
		for name, values := range r.Form {
			params[name] = values[0]
		}
	}
	token, _ = params["token"].(string)
	delete(params, "token")
	if bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		token = strings.TrimSpace(bearer)
	}
	return params, token, nil
}

// call checks the token and does what the method does.
func (s *Server) call(method string, params map[string]any, token string) result {
	work := map[string]func(map[string]any) result{
		"auth.test":             s.authTest,
		"chat.postMessage":      s.postMessage,
		"chat.postEphemeral":    s.postEphemeral,
		"chat.update":           s.update,
		"conversations.history": s.history,
		"conversations.replies": s.replies,
		"conversations.info":    s.conversationInfo,
		"users.info":            s.userInfo,
		"apps.connections.open": s.openConnection,
	}[method]
	if work == nil {
		// docs.slack.dev/apis/web-api: "unknown_method".
		return failed("unknown_method")
	}
	wantApp := method == "apps.connections.open"
	if code := s.checkToken(token, wantApp); code != "" {
		return failed(code)
	}
	if missing := s.missingScope(method, str(params, "channel")); missing != "" {
		return result{err: "missing_scope", fields: map[string]any{"needed": missing, "provided": strings.Join(s.config.Scopes, ",")}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	res := work(params)
	s.touch()
	return res
}

// checkToken returns the error code for a token, or nothing.
// docs.slack.dev/reference/methods/auth.test lists not_authed, invalid_auth and
// not_allowed_token_type.
func (s *Server) checkToken(token string, wantApp bool) string {
	want, kind := s.config.BotToken, "xoxb-"
	other := "xapp-"
	if wantApp {
		want, kind, other = s.config.AppToken, "xapp-", "xoxb-"
	}
	switch {
	case token == "":
		return "not_authed"
	case token == want || (want == "" && strings.HasPrefix(token, kind)):
		return ""
	case strings.HasPrefix(token, other):
		return "not_allowed_token_type"
	}
	return "invalid_auth"
}

func (s *Server) missingScope(method, channel string) string {
	need := scopesOf(method, channel)
	if s.config.Scopes == nil || len(need) == 0 {
		return ""
	}
	for _, n := range need {
		if slices.Contains(s.config.Scopes, n) {
			return ""
		}
	}
	return need[0]
}

func (s *Server) authTest(map[string]any) result {
	return ok(map[string]any{
		"url": s.base + "/", "team": "Workspace", "user": "rapporteur", "team_id": s.config.Team,
		"user_id": s.config.BotUser, "bot_id": s.config.BotID, "is_enterprise_install": false,
	})
}

// reach finds a channel that the bot may speak in.
// docs.slack.dev/reference/methods/chat.postMessage#errors.
func (s *Server) reach(id string) (*channel, string) {
	c := s.channels[id]
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
	if faults := checkBlocks(m.Blocks); len(faults) > 0 {
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

// history is docs.slack.dev/reference/methods/conversations.history: newest
// first, without what was said in threads.
func (s *Server) history(params map[string]any) result {
	c := s.channels[str(params, "channel")]
	if c == nil {
		return failed("channel_not_found")
	}
	if c.outside {
		return failed("not_in_channel")
	}
	var all []*Message
	for _, m := range slices.Backward(c.messages) {
		if m.ThreadTS == "" || m.ThreadTS == m.TS {
			all = append(all, m)
		}
	}
	return page(all, params, func(*Message) bool { return false })
}

// replies is docs.slack.dev/reference/methods/conversations.replies: the first
// message of the thread, then its replies, oldest first.
func (s *Server) replies(params map[string]any) result {
	c := s.channels[str(params, "channel")]
	if c == nil {
		return failed("channel_not_found")
	}
	if c.outside {
		return failed("not_in_channel")
	}
	ts := str(params, "ts")
	if m := c.find(ts); m != nil && m.ThreadTS != "" {
		ts = m.ThreadTS
	}
	var all []*Message
	for _, m := range c.messages {
		if m.TS == ts || m.ThreadTS == ts {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return failed("thread_not_found")
	}
	return page(all, params, func(m *Message) bool { return m.TS == ts })
}

// page picks from messages what oldest, latest, inclusive, limit and cursor
// ask for. docs.slack.dev/apis/web-api/pagination.
func page(all []*Message, params map[string]any, always func(*Message) bool) result {
	oldest, latest := str(params, "oldest"), str(params, "latest")
	inclusive := truth(params, "inclusive", false)
	limit, _ := strconv.Atoi(str(params, "limit"))
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, 999)
	start := 0
	if cursor := str(params, "cursor"); cursor != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(cursor, "next:"))
		if err != nil || !strings.HasPrefix(cursor, "next:") {
			return failed("invalid_cursor")
		}
		start = n
	}
	var fit []*Message
	for _, m := range all {
		after := oldest == "" || compareTS(m.TS, oldest) > 0 || (inclusive && compareTS(m.TS, oldest) == 0)
		before := latest == "" || compareTS(m.TS, latest) < 0 || (inclusive && compareTS(m.TS, latest) == 0)
		if always(m) || (after && before) {
			fit = append(fit, m)
		}
	}
	if start > len(fit) {
		return failed("invalid_cursor")
	}
	end := min(start+limit, len(fit))
	messages := []any{}
	for _, m := range fit[start:end] {
		messages = append(messages, m.wire(truth(params, "include_all_metadata", false)))
	}
	next := ""
	if end < len(fit) {
		next = "next:" + strconv.Itoa(end)
	}
	return ok(map[string]any{
		"messages": messages, "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next},
	})
}

// conversationInfo is docs.slack.dev/reference/methods/conversations.info.
func (s *Server) conversationInfo(params map[string]any) result {
	c := s.channels[str(params, "channel")]
	if c == nil {
		return failed("channel_not_found")
	}
	im := strings.HasPrefix(c.id, "D")
	return ok(map[string]any{"channel": map[string]any{
		"id": c.id, "name": strings.ToLower(c.id), "is_channel": !im, "is_im": im, "is_private": im,
		"is_member": !c.outside, "is_archived": c.archived,
	}})
}

// userInfo is docs.slack.dev/reference/methods/users.info.
func (s *Server) userInfo(params map[string]any) result {
	id := str(params, "user")
	if !strings.HasPrefix(id, "U") && !strings.HasPrefix(id, "W") {
		return failed("user_not_found")
	}
	return ok(map[string]any{"user": map[string]any{
		"id": id, "team_id": s.config.Team, "name": strings.ToLower(id), "real_name": "Person " + id,
		"tz": "Europe/Zurich", "tz_offset": 3600, "locale": "en-GB", "is_bot": id == s.config.BotUser,
	}})
}

// response is a response address. docs.slack.dev/interactivity/handling-user-
// interaction#message_responses: five uses within 30 minutes.
type response struct {
	channel, user string
	until         time.Time
	uses          int
}

const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// newResponse makes a response address. s.mu is held.
func (s *Server) newResponse(channel, user string) string {
	id := s.newID("R")
	s.responses[id] = &response{channel: channel, user: user, until: s.config.Now().Add(responseLife)}
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

// str returns a parameter as a string.
func str(params map[string]any, name string) string {
	s, _ := params[name].(string)
	return s
}

// truth returns a parameter as a boolean, as forms and JSON write it.
func truth(params map[string]any, name string, otherwise bool) bool {
	switch v := params[name].(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v == "true" || v == "1"
	}
	return otherwise
}

// raw returns a parameter that is JSON: as a value of a JSON body, or as a
// string of it in a form.
func raw(params map[string]any, name string) json.RawMessage {
	switch v := params[name].(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
		return json.RawMessage(v)
	default:
		return asJSON(v)
	}
}

// isTS says whether s is a timestamp.
func isTS(s string) bool {
	seconds, micros, found := strings.Cut(s, ".")
	if _, err := strconv.ParseUint(seconds, 10, 63); err != nil || !found {
		return false
	}
	_, err := strconv.ParseUint(micros, 10, 63)
	return err == nil
}

// compareTS compares timestamps of any precision as numbers.
func compareTS(a, b string) int {
	parse := func(s string) (int64, int64) {
		seconds, micros, _ := strings.Cut(s, ".")
		micros = (micros + "000000")[:6]
		x, _ := strconv.ParseInt(seconds, 10, 64)
		y, _ := strconv.ParseInt(micros, 10, 64)
		return x, y
	}
	ax, ay := parse(a)
	bx, by := parse(b)
	if ax != bx {
		return int(ax - bx)
	}
	return int(ay - by)
}
