package slackfake

import (
	"slices"
	"strings"
)

// User is a person of the workspace, or one who is seen there.
// docs.slack.dev/reference/objects/user-object.
type User struct {
	ID, Name string
	// TZ is an IANA zone, Locale such as "de-DE".
	TZ, Locale string
	// Team is the person's workspace; the fake's own when empty. Stranger is
	// set for a person of another organisation whom the workspace knows from
	// shared channels alone.
	Team     string
	Stranger bool
	// Enterprise is the organisation whose workspace Team is; that of the fake's own
	// for its members when empty.
	Enterprise string
	// Guest is set for a multi-channel guest, SingleChannelGuest for the other
	// kind, Admin for an administrator, Deleted for one who has left.
	Guest, SingleChannelGuest, Admin, Deleted bool
}

// UserGroup is a group of people with a handle.
// docs.slack.dev/reference/objects/usergroup-object.
type UserGroup struct {
	ID, Handle string
	Users      []string
}

// AddUser makes or changes a person; the app is not told.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = &u
}

// ChangeUser changes a person and tells the app.
// docs.slack.dev/reference/events/user_change.
func (s *Server) ChangeUser(u User) {
	s.AddUser(u)
	s.mu.Lock()
	shown, _ := s.person(u.ID)
	e := map[string]any{"type": "user_change", "user": shown, "cache_ts": s.config.Now().Unix(), "event_ts": s.newTS()}
	s.mu.Unlock()
	s.Event(e)
}

// AddUserGroup makes or changes a group of people.
func (s *Server) AddUserGroup(g UserGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[g.ID] = &g
}

// person returns a person as the Web API shows them. One that nobody has made
// is an ordinary member. s.mu is held.
func (s *Server) person(id string) (map[string]any, bool) {
	if !strings.HasPrefix(id, "U") && !strings.HasPrefix(id, "W") {
		return nil, false
	}
	u := s.users[id]
	if u == nil {
		u = &User{ID: id}
	}
	name := either(u.Name, "Person "+id)
	shown := map[string]any{
		"id": id, "team_id": either(u.Team, s.config.Team), "name": strings.ToLower(id), "real_name": name,
		"profile": map[string]any{"real_name": name, "display_name": name},
		"tz":      either(u.TZ, "Europe/Zurich"), "tz_offset": 3600, "locale": either(u.Locale, "en-GB"),
		"is_bot": id == s.config.BotUser, "is_restricted": u.Guest || u.SingleChannelGuest, "is_ultra_restricted": u.SingleChannelGuest,
		"is_stranger": u.Stranger, "is_admin": u.Admin, "deleted": u.Deleted,
	}
	enterprise := u.Enterprise
	if enterprise == "" && (u.Team == "" || u.Team == s.config.Team) {
		enterprise = s.config.Enterprise
	}
	if enterprise != "" {
		shown["enterprise_user"] = map[string]any{"id": id, "enterprise_id": enterprise, "teams": []string{either(u.Team, s.config.Team)}}
	}
	return shown, true
}

// userInfo is docs.slack.dev/reference/methods/users.info. The locale is there
// for those who ask for it.
func (s *Server) userInfo(params map[string]any) result {
	shown, known := s.person(str(params, "user"))
	if !known {
		return failed("user_not_found")
	}
	if !truth(params, "include_locale", false) {
		delete(shown, "locale")
	}
	return ok(map[string]any{"user": shown})
}

// listGroups is docs.slack.dev/reference/methods/usergroups.list.
func (s *Server) listGroups(map[string]any) result {
	groups := []any{}
	for _, g := range s.groups {
		groups = append(groups, map[string]any{"id": g.ID, "handle": g.Handle, "name": g.Handle, "user_count": len(g.Users)})
	}
	return ok(map[string]any{"usergroups": groups})
}

// listGroupMembers is docs.slack.dev/reference/methods/usergroups.users.list.
func (s *Server) listGroupMembers(params map[string]any) result {
	g := s.groups[str(params, "usergroup")]
	if g == nil {
		return failed("no_such_subteam")
	}
	return ok(map[string]any{"users": slices.Clone(g.Users)})
}
