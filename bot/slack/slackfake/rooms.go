package slackfake

import (
	"maps"
	"slices"
	"strings"
)

// channel is a conversation with what was said in it, oldest first.
type channel struct {
	id       string
	name     string
	archived bool
	outside  bool // the bot is no member
	shared   bool // with another organisation
	members  map[string]bool
	messages []*Message
}

// channel returns the conversation, which exists once somebody speaks in it.
func (s *Server) channel(id string) *channel {
	c := s.channels[id]
	if c == nil {
		c = &channel{id: id, name: strings.ToLower(id), members: map[string]bool{}}
		s.channels[id] = c
	}
	return c
}

// AddChannel makes a channel that the bot is a member of.
func (s *Server) AddChannel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(id)
}

// NameChannel gives a channel the name that people see.
func (s *Server) NameChannel(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(id).name = name
}

// ShareChannel shares a channel with another organisation: its events say
// is_ext_shared_channel. docs.slack.dev/apis/slack-connect.
func (s *Server) ShareChannel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(id).shared = true
}

// Archive archives a channel: posts get is_archived, and the app is told.
// docs.slack.dev/reference/events/channel_archive.
func (s *Server) Archive(id string) {
	s.mu.Lock()
	s.channel(id).archived = true
	s.mu.Unlock()
	s.Event(map[string]any{"type": "channel_archive", "channel": id, "user": "U0ADMIN"})
}

// Unarchive takes a channel back, and tells the app.
// docs.slack.dev/reference/events/channel_unarchive.
func (s *Server) Unarchive(id string) {
	s.mu.Lock()
	s.channel(id).archived = false
	s.mu.Unlock()
	s.Event(map[string]any{"type": "channel_unarchive", "channel": id, "user": "U0ADMIN"})
}

// Leave takes the bot out of a channel: posts get not_in_channel.
func (s *Server) Leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(id).outside = true
}

// Join puts the bot back into a channel and tells it so.
// docs.slack.dev/reference/events/member_joined_channel.
func (s *Server) Join(id string) {
	s.mu.Lock()
	s.channel(id).outside = false
	s.mu.Unlock()
	s.Event(map[string]any{"type": "member_joined_channel", "channel": id, "user": s.config.BotUser, "channel_type": "C", "team": s.config.Team})
}

// ChangeID gives a channel another id, with all that was said in it, and tells the
// app. docs.slack.dev/reference/events/channel_id_changed.
func (s *Server) ChangeID(from, to string) {
	s.mu.Lock()
	c := s.channel(from)
	delete(s.channels, from)
	c.id = to
	s.channels[to] = c
	for _, m := range c.messages {
		m.Channel = to
	}
	s.mu.Unlock()
	s.Event(map[string]any{"type": "channel_id_changed", "old_channel_id": from, "new_channel_id": to})
}

// find returns the message with that ts.
func (c *channel) find(ts string) *Message {
	for _, m := range c.messages {
		if m.TS == ts {
			return m
		}
	}
	return nil
}

func direct(id string) bool { return strings.HasPrefix(id, "D") }

// directChannel is the direct conversation of a user with the app. s.mu is held.
func (s *Server) directChannel(user string) *channel {
	c := s.channel("D" + strings.TrimPrefix(user, "U"))
	c.members[user] = true
	return c
}

// conversationInfo is docs.slack.dev/reference/methods/conversations.info.
func (s *Server) conversationInfo(params map[string]any) result {
	c := s.channels[str(params, "channel")]
	if c == nil {
		return failed("channel_not_found")
	}
	im := direct(c.id)
	return ok(map[string]any{"channel": map[string]any{
		"id": c.id, "name": c.name, "is_channel": !im, "is_im": im, "is_private": im || strings.HasPrefix(c.id, "G"),
		"is_member": !c.outside, "is_archived": c.archived, "is_ext_shared": c.shared, "is_shared": c.shared,
	}})
}

// conversationMembers is docs.slack.dev/reference/methods/conversations.members.
func (s *Server) conversationMembers(params map[string]any) result {
	c := s.channels[str(params, "channel")]
	if c == nil {
		return failed("channel_not_found")
	}
	members := slices.Sorted(maps.Keys(c.members))
	if !c.outside {
		members = append(members, s.config.BotUser)
	}
	return ok(map[string]any{"members": members, "response_metadata": map[string]any{"next_cursor": ""}})
}

// conversationsOf is docs.slack.dev/reference/methods/users.conversations: those
// that the app and a person are both in. Private ones of others are not shown.
func (s *Server) conversationsOf(params map[string]any) result {
	user := either(str(params, "user"), s.config.BotUser)
	kinds := either(str(params, "types"), "public_channel")
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.channels)) {
		c := s.channels[id]
		kind := "public_channel"
		switch {
		case direct(id):
			kind = "im"
		case strings.HasPrefix(id, "G"):
			kind = "private_channel"
		}
		if !slices.Contains(strings.Split(kinds, ","), kind) || c.outside || (!c.members[user] && user != s.config.BotUser) || (c.archived && truth(params, "exclude_archived", false)) {
			continue
		}
		list = append(list, map[string]any{"id": id, "name": c.name, "is_private": kind != "public_channel", "is_im": kind == "im"})
	}
	return ok(map[string]any{"channels": list, "response_metadata": map[string]any{"next_cursor": ""}})
}

// openConversation is docs.slack.dev/reference/methods/conversations.open, for
// one person.
func (s *Server) openConversation(params map[string]any) result {
	users := strings.Split(str(params, "users"), ",")
	if len(users) != 1 || users[0] == "" {
		return failed("users_list_not_supplied")
	}
	if _, known := s.person(users[0]); !known {
		return failed("user_not_found")
	}
	return ok(map[string]any{"channel": map[string]any{"id": s.directChannel(users[0]).id}})
}

// Reaction is an emoji that the app has set on a message.
type Reaction struct {
	Channel, TS, Name string
	// Removed is set when the app took it back.
	Removed bool
}

// Reactions returns the reactions the app has ever set, in their order.
func (s *Server) Reactions() []Reaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.reactions)
}

// react is docs.slack.dev/reference/methods/reactions.add.
func (s *Server) react(params map[string]any) result {
	c, code := s.reach(str(params, "channel"))
	if code != "" {
		return failed(code)
	}
	r := Reaction{Channel: c.id, TS: str(params, "timestamp"), Name: str(params, "name")}
	switch {
	case c.find(r.TS) == nil:
		return failed("message_not_found")
	case r.Name == "":
		return failed("invalid_name")
	case slices.Contains(s.reactions, r):
		return failed("already_reacted")
	}
	s.reactions = append(s.reactions, r)
	return ok(nil)
}

// unreact is docs.slack.dev/reference/methods/reactions.remove.
func (s *Server) unreact(params map[string]any) result {
	r := Reaction{Channel: str(params, "channel"), TS: str(params, "timestamp"), Name: str(params, "name")}
	i := slices.Index(s.reactions, r)
	if i < 0 {
		return failed("no_reaction")
	}
	s.reactions[i].Removed = true
	return ok(nil)
}
