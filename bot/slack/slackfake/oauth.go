package slackfake

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// installs is who has installed the app: docs.slack.dev/authentication/installing-with-oauth.
type installs struct {
	codes   map[string]Grant
	tokens  map[string]*grantedToken // by access token
	refresh map[string]string        // refresh token → access token
	consent *Grant                   // what the next person agrees to
	gone    bool                     // Config's own workspace has uninstalled
}

// Grant is what a workspace or an organisation has agreed to.
type Grant struct {
	// Team and Enterprise name it; OrgWide is set for an installation on the
	// whole organisation, which has no team.
	Team, Enterprise string
	OrgWide          bool
	// User is who installed it.
	User string
}

type grantedToken struct {
	grant   Grant
	refresh string
	until   time.Time // zero for ever
	revoked bool
}

func newInstalls() installs {
	return installs{codes: map[string]Grant{}, tokens: map[string]*grantedToken{}, refresh: map[string]string{}}
}

// check says what a granted token is good for.
func (i *installs) check(token string, now time.Time) (team, code string, known bool) {
	t := i.tokens[token]
	switch {
	case t == nil:
		return "", "", false
	case t.revoked:
		return "", "token_revoked", true
	case !t.until.IsZero() && now.After(t.until):
		return "", "token_expired", true
	}
	return t.grant.Team, "", true
}

// Code makes the code with which a person comes back from Slack's page of
// consent: it works once. docs.slack.dev/authentication/installing-with-oauth.
func (s *Server) Code(g Grant) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := s.newID("code")
	s.installs.codes[code] = g
	return code
}

// Consent lets the next person who comes to Slack's page of consent agree to g.
func (s *Server) Consent(g Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.installs.consent = &g
}

// serveConsent is Slack's page of consent: it sends whoever comes back with a code,
// or with a refusal. docs.slack.dev/authentication/installing-with-oauth.
func (s *Server) serveConsent(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !back.IsAbs() || query.Get("client_id") != s.config.ClientID || query.Get("scope") == "" {
		http.Error(w, "invalid_client_id, invalid_scope or bad_redirect_uri", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	g := s.installs.consent
	s.installs.consent = nil
	s.mu.Unlock()
	answer := url.Values{"state": {query.Get("state")}}
	if g == nil {
		answer.Set("error", "access_denied")
	} else {
		answer.Set("code", s.Code(*g))
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound) //nolint:gosec // a fake: it goes wherever the app under test says
}

// oauthAccess is docs.slack.dev/reference/methods/oauth.v2.access, with
// grant_type=refresh_token for rotation: a refresh token works once.
func (s *Server) oauthAccess(params map[string]any) result {
	if str(params, "client_id") != s.config.ClientID {
		return failed("invalid_client_id")
	}
	if str(params, "client_secret") != s.config.ClientSecret {
		return failed("bad_client_secret")
	}
	if str(params, "grant_type") == "refresh_token" {
		old := s.installs.refresh[str(params, "refresh_token")]
		if old == "" {
			return failed("invalid_refresh_token")
		}
		delete(s.installs.refresh, str(params, "refresh_token"))
		t := s.installs.tokens[old]
		if t.revoked {
			return failed("token_revoked")
		}
		t.until = s.config.Now() // the old token ends with the exchange
		return s.grant(t.grant)
	}
	code := str(params, "code")
	g, known := s.installs.codes[code]
	if !known {
		return failed("invalid_code")
	}
	delete(s.installs.codes, code)
	return s.grant(g)
}

// grant makes tokens.
func (s *Server) grant(g Grant) result {
	access := "xoxb-" + strings.ToLower(s.newID("granted"))
	t := &grantedToken{grant: g}
	fields := map[string]any{
		"token_type": "bot", "scope": strings.Join(s.config.Scopes, ","), "bot_user_id": s.config.BotUser,
		"app_id": s.config.AppID, "team": nil, "enterprise": nil, "is_enterprise_install": g.OrgWide,
		"authed_user": map[string]any{"id": g.User},
	}
	if g.Team != "" {
		fields["team"] = map[string]any{"id": g.Team, "name": "Workspace " + g.Team}
	}
	if g.Enterprise != "" {
		fields["enterprise"] = map[string]any{"id": g.Enterprise, "name": "Enterprise " + g.Enterprise}
	}
	if s.config.Rotation {
		access = "xoxe." + access
		t.until = s.config.Now().Add(s.config.TokenLife)
		t.refresh = "xoxe-1-" + strings.ToLower(s.newID("refresh"))
		s.installs.refresh[t.refresh] = access
		fields["refresh_token"], fields["expires_in"] = t.refresh, int(s.config.TokenLife.Seconds())
	}
	fields["access_token"] = access
	s.installs.tokens[access] = t
	return ok(fields)
}

// authRevoke is docs.slack.dev/reference/methods/auth.revoke.
func (s *Server) authRevoke(params map[string]any) result {
	if t := s.installs.tokens[str(params, "\x00token")]; t != nil {
		t.revoked = true
	}
	return ok(map[string]any{"revoked": true})
}

// Uninstall lets a workspace remove the app: its tokens are revoked and the app
// is told twice, in either order. docs.slack.dev/reference/events/app_uninstalled
// and …/tokens_revoked.
func (s *Server) Uninstall(team string, revokedFirst bool) {
	s.mu.Lock()
	if team == s.config.Team {
		s.installs.gone = true
	}
	s.mu.Unlock()
	s.UninstallFrom(Origin{Team: team}, revokedFirst)
}

// UninstallFrom is Uninstall of an installation in a workspace of an organisation,
// or, with OrgWide, of that on the whole of it: then Team is that of whoever did it.
func (s *Server) UninstallFrom(from Origin, revokedFirst bool) {
	s.mu.Lock()
	for _, t := range s.installs.tokens {
		if t.grant.Enterprise == from.Enterprise && t.grant.OrgWide == from.OrgWide && (from.OrgWide || t.grant.Team == from.Team) {
			t.revoked = true
		}
	}
	s.mu.Unlock()
	events := []map[string]any{
		{"type": "app_uninstalled"},
		{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []string{}, "bot": []string{s.config.BotUser}}},
	}
	if revokedFirst {
		events[0], events[1] = events[1], events[0]
	}
	for _, e := range events {
		s.EventFrom(from, e)
	}
}

// Expire lets the tokens of a workspace expire before their time.
func (s *Server) Expire(team string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.installs.tokens {
		if t.grant.Team == team {
			t.until = s.config.Now().Add(-time.Second)
		}
	}
}

// Tokens returns the tokens that were ever granted, for tests that look for them
// where they must not be.
func (s *Server) Tokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for access, t := range s.installs.tokens {
		all = append(all, access)
		if t.refresh != "" {
			all = append(all, t.refresh)
		}
	}
	return all
}

// TeamOf returns the workspace that a token was granted for, also where it is
// revoked; empty for an organisation.
func (s *Server) TeamOf(token string) (team string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.installs.tokens[token]
	if t == nil {
		return "", false
	}
	return t.grant.Team, true
}
