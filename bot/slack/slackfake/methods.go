package slackfake

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// result is a method's answer: its fields, or its error code.
type result struct {
	fields map[string]any
	err    string
}

func ok(fields map[string]any) result { return result{fields: fields} }
func failed(code string) result       { return result{err: code} }

// method is one method of the Web API.
type method struct {
	work func(map[string]any) result
	// scopes are those that it needs, one of them. The pages below
	// docs.slack.dev/reference/methods name them.
	scopes []string
	// app is set where the app-level token is wanted, open where no token is.
	app, open bool
}

// method returns the method of that name.
func (s *Server) method(name, channel string) (method, bool) {
	history, write, read := []string{"channels:history", "groups:history"}, []string{"chat:write"}, []string{"channels:read", "groups:read", "im:read"}
	if direct(channel) {
		history = []string{"im:history"}
	}
	m, known := map[string]method{
		"auth.test":                             {work: s.authTest},
		"chat.postMessage":                      {work: s.postMessage, scopes: write},
		"chat.postEphemeral":                    {work: s.postEphemeral, scopes: write},
		"chat.update":                           {work: s.update, scopes: write},
		"chat.delete":                           {work: s.deleteMessage, scopes: write},
		"chat.unfurl":                           {work: s.unfurl, scopes: []string{"links:write"}},
		"chat.startStream":                      {work: s.startStream, scopes: write},
		"chat.appendStream":                     {work: s.appendStream, scopes: write},
		"chat.stopStream":                       {work: s.stopStream, scopes: write},
		"conversations.history":                 {work: s.history, scopes: history},
		"conversations.replies":                 {work: s.replies, scopes: history},
		"conversations.info":                    {work: s.conversationInfo, scopes: read},
		"conversations.members":                 {work: s.conversationMembers, scopes: read},
		"conversations.open":                    {work: s.openConversation, scopes: []string{"im:write"}},
		"reactions.add":                         {work: s.react, scopes: []string{"reactions:write"}},
		"reactions.remove":                      {work: s.unreact, scopes: []string{"reactions:write"}},
		"users.conversations":                   {work: s.conversationsOf, scopes: read},
		"users.info":                            {work: s.userInfo, scopes: []string{"users:read"}},
		"usergroups.list":                       {work: s.listGroups, scopes: []string{"usergroups:read"}},
		"usergroups.users.list":                 {work: s.listGroupMembers, scopes: []string{"usergroups:read"}},
		"views.open":                            {work: s.openView},
		"views.push":                            {work: s.pushView},
		"views.update":                          {work: s.updateView},
		"views.publish":                         {work: s.publishView},
		"assistant.threads.setStatus":           {work: s.setStatus, scopes: []string{"chat:write", "assistant:write"}},
		"assistant.threads.setTitle":            {work: s.setTitle, scopes: []string{"assistant:write"}},
		"assistant.threads.setSuggestedPrompts": {work: s.setPrompts, scopes: []string{"assistant:write"}},
		"agents.sessions.setStatus":             {work: s.setSession, scopes: write},
		"agents.sessions.rename":                {work: s.renameSession, scopes: write},
		"files.getUploadURLExternal":            {work: s.uploadURL, scopes: []string{"files:write"}},
		"files.completeUploadExternal":          {work: s.completeUpload, scopes: []string{"files:write"}},
		"files.info":                            {work: s.fileInfo, scopes: []string{"files:read"}},
		"oauth.v2.access":                       {work: s.oauthAccess, open: true},
		"auth.revoke":                           {work: s.authRevoke},
		"apps.connections.open":                 {work: s.openConnection, app: true},
	}[name]
	return m, known
}

// serveMethod serves the Web API. docs.slack.dev/apis/web-api: forms or JSON in,
// 200 with JSON out, errors as {"ok":false,"error":"…"}.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	params, token, err := readParams(w, r)
	if err != nil {
		s.answer(w, failed("invalid_form_data"))
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{Method: name, Params: params, Token: token, At: s.config.Now()})
	wait := s.limit(name, params)
	s.touch()
	s.mu.Unlock()
	if wait > 0 {
		s.fail(w, r, RateLimited(wait))
		return
	}
	fault, faulty := s.takeFault(name)
	if faulty && !fault.Store {
		s.fail(w, r, fault)
		return
	}
	res := s.call(name, params, token)
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
	w.Header().Set("Date", s.config.Now().UTC().Format(http.TimeFormat))
	_, _ = w.Write(asJSON(body)) // the client may be gone
}

// maxBody bounds what the fake reads of a request.
const maxBody = 8 << 20

// readParams reads parameters from a form or a JSON body, and the token from
// its header or, in a form, from the parameter. An OAuth client may give its
// name and secret in the header instead.
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
	if id, secret, found := r.BasicAuth(); found {
		params["client_id"], params["client_secret"] = id, secret
	}
	return params, token, nil
}

// call checks the token and does what the method does.
func (s *Server) call(name string, params map[string]any, token string) result {
	m, known := s.method(name, either(str(params, "channel"), str(params, "channel_id")))
	if !known {
		// docs.slack.dev/apis/web-api: "unknown_method".
		return failed("unknown_method")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !m.open {
		team, code := s.checkToken(token, m.app)
		if code != "" {
			return failed(code)
		}
		params["\x00team"], params["\x00token"] = team, token
	}
	if missing := s.missingScope(m.scopes); missing != "" {
		return result{err: "missing_scope", fields: map[string]any{"needed": missing, "provided": strings.Join(s.config.Scopes, ",")}}
	}
	res := m.work(params)
	s.touch()
	return res
}

// checkToken returns the workspace of a token, or the error code for it.
// docs.slack.dev/reference/methods/auth.test lists not_authed, invalid_auth,
// token_expired, token_revoked and not_allowed_token_type. s.mu is held.
func (s *Server) checkToken(token string, wantApp bool) (team, code string) {
	want, kind, other := s.config.BotToken, "xoxb-", "xapp-"
	if wantApp {
		want, kind, other = s.config.AppToken, "xapp-", "xoxb-"
	}
	if team, code, known := s.installs.check(token, s.config.Now()); known && !wantApp {
		return team, code
	}
	switch {
	case token == "":
		return "", "not_authed"
	case s.installs.gone:
		return "", "token_revoked"
	case token == want || (want == "" && strings.HasPrefix(token, kind)):
		return s.config.Team, ""
	case strings.HasPrefix(token, other):
		return "", "not_allowed_token_type"
	}
	return "", "invalid_auth"
}

func (s *Server) missingScope(need []string) string {
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

// authTest is docs.slack.dev/reference/methods/auth.test.
func (s *Server) authTest(params map[string]any) result {
	team := str(params, "\x00team")
	fields := map[string]any{
		"url": s.base + "/", "team": "Workspace", "user": "rapporteur", "team_id": team,
		"user_id": s.config.BotUser, "bot_id": s.config.BotID, "is_enterprise_install": false,
	}
	if s.config.Enterprise != "" {
		fields["enterprise_id"] = s.config.Enterprise
	}
	return ok(fields)
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
